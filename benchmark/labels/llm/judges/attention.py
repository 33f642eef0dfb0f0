"""Attention over many prompts laid side by side: a segment of tokens sees its own past and nothing else.

softmax(q k' / sqrt(d)) v of each segment is one product, of a shape that depends on that segment and its past only.
Whatever else a row holds, the numbers come out the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import torch

NAME = "segments"


class Unsupported(Exception):
    """A kind of attention that segments do not compute."""


class Segment(NamedTuple):
    """Tokens [`start`, `stop`) of the row, and the keys and values that they see, each [heads, past + own, width]."""

    start: int
    stop: int
    keys: torch.Tensor
    values: torch.Tensor


class Row(Protocol):
    """What a forward pass reads."""

    def segments(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> Iterator[Segment]:
        """The segments, from the keys and values of the row's tokens [heads, tokens, width]."""
        ...


_row: ContextVar[Row | None] = ContextVar("row", default=None)


@contextmanager
def reading(row: Row) -> Iterator[None]:
    """Forward passes inside attend as `row` says."""
    token = _row.set(row)
    try:
        yield
    finally:
        _row.reset(token)


def register() -> str:
    """Make the attention known to transformers; its name there."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, _attend)
    return NAME


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """Query [1, heads, tokens, width] -> [1, tokens, heads, width], as transformers wants it."""
    import torch

    row = _row.get()
    if row is None or any(more.get(name) is not None for name in ("softcap", "s_aux", "position_bias")):
        raise Unsupported(type(module).__name__)
    heads, groups, width = query.shape[1], key.shape[1], value.shape[3]
    out = query.new_zeros(1, query.shape[2], heads, width)
    for start, stop, keys, values in row.segments(module.layer_idx, key[0], value[0]):
        own = query[:, :, start:stop]
        mask = _mask(stop - start, keys.shape[1], sliding_window, query.dtype, query.device)
        alone = stop - start == 1 and mask is None
        if alone:  # heads that share keys become tokens of one head: the keys are then read once for all of them
            own = own.reshape(1, groups, heads // groups, query.shape[3])
        seen = torch.nn.functional.scaled_dot_product_attention(
            own, keys[None], values[None], attn_mask=mask, scale=scaling, enable_gqa=not alone and heads != groups
        )
        out[0, start:stop] = seen.reshape(1, heads, width) if alone else seen[0].transpose(0, 1)
    return out, None


@lru_cache(maxsize=4096)
def _mask(own: int, seen: int, window: int | None, dtype: torch.dtype, device: torch.device) -> torch.Tensor | None:
    """Additive [own, seen]: 0 where a token sees itself and what is before it, up to `window` back; else the least."""
    import torch

    if own == 1 and (window is None or seen <= window):
        return None
    back = torch.arange(seen - own, seen)[:, None] - torch.arange(seen)
    hidden = back < 0 if window is None else (back < 0) | (back >= window)
    return torch.zeros(hidden.shape, dtype=dtype).masked_fill(hidden, torch.finfo(dtype).min).to(device)
