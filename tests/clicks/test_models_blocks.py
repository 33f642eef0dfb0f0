"""Blocks worked on side by side come back in their order; estimates of priors find their limit."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.labels.clicks.models.counting import blocks
from benchmark.labels.clicks.models.counting.blocks import in_order
from benchmark.labels.clicks.models.fitting.event_em import _limit
from benchmark.labels.clicks.models.fitting.priors import Beta


@given(st.integers(0, 9), st.integers(1, 4))
def test_results_come_in_order(size: int, cores: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "cores", lambda: cores)
        assert list(in_order(lambda x: x * x, range(size))) == [x * x for x in range(size)]


def test_only_as_many_items_are_read_ahead_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "cores", lambda: 2)
    read = []

    def items() -> Iterator[int]:
        for item in range(10):
            read.append(item)
            yield item

    results = in_order(lambda x: x, items())
    next(results)
    assert len(read) <= 4
    assert list(results) == list(range(1, 10))


def test_an_error_in_a_block_is_the_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "cores", lambda: 2)

    def work(item: int) -> int:
        time.sleep(0.001 * (5 - item))  # later items are done sooner
        if item == 3:
            raise ValueError("block 3")
        return item

    results = in_order(work, range(5))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="block 3"):
        next(results)


@given(st.floats(0.1, 0.85), st.floats(-1.0, 1.0), st.floats(0.5, 50))
def test_a_steady_approach_is_followed_to_its_end(share: float, first: float, end: float) -> None:
    """log s_i = log s + c r^i: three of them give s, exactly."""
    betas = [Beta(np.full(2, 0.3), float(end * np.exp(first * share**i)), 0.3) for i in range(3)]
    assert np.isclose(_limit(*betas).strength, end)


def test_an_unsteady_approach_is_not_extrapolated() -> None:
    away = [Beta(np.full(2, 0.3), strength, 0.3) for strength in (1.0, 2.0, 8.0)]
    assert _limit(*away) is away[2]
    without = [Beta(np.full(2, 0.3), 0.0, 0.3)] * 3
    assert _limit(*without) is without[2]
