"""Log-probabilities of packed trees under a causal language model of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmark.labels.llm.packing import Packed, Tree, pack

if TYPE_CHECKING:
    import torch


def answer_log_probabilities(model: Any, trees: Sequence[Tree], answers: Sequence[int]) -> npt.NDArray[np.float64]:
    """log P(answer | prefix, suffix) [suffixes, answers] of each answer token right after each suffix."""
    packed = pack(trees)
    states = _hidden_states(model, packed)[packed.rows, packed.stops - 1]
    return _numpy(_log_softmax(model, states)[:, list(answers)])


def suffix_log_likelihoods(model: Any, trees: Sequence[Tree], skip: int) -> npt.NDArray[np.float64]:
    """Sum of log P(token | prefix, tokens before it in the suffix), and the number of summed tokens [suffixes, 2].

    The first `skip` >= 1 tokens of each suffix are read but not counted.
    """
    packed = pack(trees)
    counts = packed.stops - packed.starts - skip
    if skip < 1 or np.any(counts < 1):
        raise ValueError(f"each suffix needs more than skip = {skip} >= 1 tokens")
    ends = np.cumsum(counts)
    inside = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
    column = np.repeat(packed.starts + skip, counts) + inside
    row = np.repeat(packed.rows, counts)
    log_p = _log_softmax(model, _hidden_states(model, packed)[row, column - 1])
    token = _numpy(log_p[list(range(len(row))), packed.ids[row, column]])
    return np.stack([np.add.reduceat(token, ends - counts), counts.astype(np.float64)], axis=1)


def _hidden_states(model: Any, packed: Packed) -> torch.Tensor:
    """Last hidden states [B, L, width]; the mask is additive: 0 where a token attends, the least number elsewhere."""
    import torch

    attends = torch.from_numpy(packed.attends).to(model.device)
    mask = torch.zeros(attends.shape, dtype=model.dtype, device=model.device)
    mask = mask.masked_fill(~attends, torch.finfo(model.dtype).min)[:, None]
    with torch.inference_mode():
        states: torch.Tensor = model.base_model(
            input_ids=torch.from_numpy(packed.ids).to(model.device),
            position_ids=torch.from_numpy(packed.positions).to(model.device),
            attention_mask=mask,
            use_cache=False,
        ).last_hidden_state
    return states


def _log_softmax(model: Any, states: torch.Tensor) -> torch.Tensor:
    """Log-probabilities of the whole vocabulary in float32; only the states that are asked for reach this product."""
    import torch

    with torch.inference_mode():
        return torch.log_softmax(model.get_output_embeddings()(states).float(), dim=-1)


def _numpy(values: torch.Tensor) -> npt.NDArray[np.float64]:
    array: npt.NDArray[np.float64] = values.cpu().double().numpy()
    return array
