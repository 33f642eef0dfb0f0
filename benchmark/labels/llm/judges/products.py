"""Products with weights on a CPU by oneDNN, which lays out the weights for the processor once.

In float32 torch leaves them to MKL, which on processors of another maker than its own uses half their width: on one
with AVX-512 oneDNN was seen to be 2.4 times as fast. In bfloat16 torch takes oneDNN too, but lays out the weights anew
for each product; the numbers are the same, bit for bit. What a product gives for a row depends, as ever, on how many
rows there are and not on what they hold (see `forward`).
"""

from __future__ import annotations

from functools import cached_property

import torch


class PackedLinear(torch.nn.Module):
    """x -> x W' + b as `layer` computes it, to the rounding of sums in another order; keeps no copy of its weights.

    Where a model reads `weight` or `bias` itself, as Mamba's do, `weight` is laid out again as it was, and kept.
    """

    def __init__(self, layer: torch.nn.Linear) -> None:
        """Raises `RuntimeError` or `AttributeError` where torch has no oneDNN for this processor."""
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), None)
        self.bias = None if layer.bias is None else layer.bias.detach()
        self(layer.weight.new_zeros(1, layer.in_features))

    @cached_property
    def weight(self) -> torch.Tensor:
        """[out, in]."""
        weight: torch.Tensor = self._weight.to_dense()
        return weight

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """States [..., in] -> [..., out]."""
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(states, self._weight, self.bias, "none", [], "")
        return product


def packed(layer: torch.nn.Module) -> torch.nn.Module:
    """The layer by oneDNN, if it is a linear one on a CPU of a type that oneDNN has there; else the layer."""
    if type(layer) is not torch.nn.Linear or layer.weight.device.type != "cpu":
        return layer
    try:
        return PackedLinear(layer) if _has(layer.weight.dtype) else layer
    except (RuntimeError, AttributeError):
        return layer


def _has(dtype: torch.dtype) -> bool:
    if dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return dtype == torch.float32


def pack(model: torch.nn.Module) -> None:
    """Put `packed` layers in the place of those in `model`."""
    for parent in list(model.modules()):
        for name, layer in list(parent.named_children()):
            setattr(parent, name, packed(layer))
