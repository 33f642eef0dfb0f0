"""Products by oneDNN are those of torch, and a row of them does not depend on the rows beside it."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch.nn import Linear, Module, Sequential

from benchmark.labels.llm.judges.products import PackedLinear, pack, packed

ONEDNN = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch has no oneDNN here")
SUMS = 1e-5
"""How far two orders of summing 96 products of about 1 may be apart in float32."""


class Derived(Linear):
    """As the layers of other libraries, whose `forward` may be another."""


def layer(bias: bool = True) -> Linear:
    torch.manual_seed(0)
    return Linear(96, 40, bias=bias)


@ONEDNN
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(96,), (1, 96), (33, 96), (1, 7, 96)])
def test_product_is_x_w_plus_b(bias: bool, shape: tuple[int, ...]) -> None:
    plain = layer(bias)
    states = torch.randn(shape)
    exact = torch.nn.functional.linear(
        states.double(), plain.weight.double(), plain.bias.double() if plain.bias is not None else None
    )
    found = PackedLinear(plain)(states)
    assert found.shape == exact.shape
    torch.testing.assert_close(found.double(), exact, atol=SUMS, rtol=0)


@pytest.mark.skipif(not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="oneDNN has no bfloat16 here")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rows", [2, 33, 256])
def test_bfloat16_is_that_of_torch_to_the_bit(bias: bool, rows: int) -> None:
    plain = layer(bias).bfloat16()
    states = torch.randn(1, rows, 96).bfloat16()
    product = packed(plain)
    assert isinstance(product, PackedLinear)
    assert torch.equal(product(states), plain(states))


@ONEDNN
def test_row_is_the_same_whatever_is_beside_it() -> None:
    product = PackedLinear(layer())
    row = torch.randn(1, 96)
    beside = [torch.cat((torch.randn(7, 96), row, torch.randn(8, 96))) for _ in range(5)]
    first, *others = (product(rows)[7] for rows in beside)
    assert all(torch.equal(first, other) for other in others)


@pytest.mark.parametrize(
    "kept",
    [Derived(96, 40), layer().double(), Linear(96, 40, device="meta"), torch.nn.LayerNorm(96)],
    ids=["derived", "float64", "not on a CPU", "not linear"],
)
def test_other_layers_stay(kept: Module) -> None:
    assert packed(kept) is kept


def test_layer_stays_where_onednn_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise RuntimeError("no kernel")

    monkeypatch.setattr(torch.ops.mkldnn, "_linear_pointwise", missing, raising=False)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False, raising=False)
    for plain in (layer(), layer().bfloat16()):
        assert packed(plain) is plain


@ONEDNN
def test_every_linear_layer_of_a_model_is_packed() -> None:
    model = Sequential(layer(), Sequential(Linear(40, 40), torch.nn.ReLU()), Derived(40, 3))
    states = torch.randn(5, 96)
    before = deepcopy(model)(states)
    pack(model)
    assert [type(one).__name__ for one in (model[0], model[1][0], model[1][1], model[2])] == [
        "PackedLinear", "PackedLinear", "ReLU", "Derived",
    ]  # fmt: skip
    torch.testing.assert_close(model(states), before, atol=SUMS, rtol=0)
