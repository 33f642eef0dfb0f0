"""Several p-values adjusted for each other."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from benchmark.statistics.holm import holm


@pytest.fixture(scope="module")
def no_garbage_of_others() -> Iterator[None]:
    """`multipletests` collects garbage at every call: what other tests hold is not searched a hundred times."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([], []),
        ([0.3], [0.3]),
        ([0.04, 0.01], [0.04, 0.02]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.6, 0.9], [1, 1]),
    ],
)
def test_holm_by_hand(p: list[float], adjusted: list[float]) -> None:
    assert holm(p) == pytest.approx(adjusted)


@pytest.mark.usefixtures("no_garbage_of_others")
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist(), abs=1e-12)
