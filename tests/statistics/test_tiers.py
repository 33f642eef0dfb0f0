"""Tiers by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.scoring.ranked import Floats
from benchmark.statistics import assign_tiers

NAMES = ["a", "b", "c", "d"]
MACRO = np.array([0.4, 0.5, 0.2, 0.3])  # b, a, d, c


def apart(*pairs: str) -> Floats:
    """p-values in which only the given pairs of systems differ."""
    p = np.ones((4, 4))
    for pair in pairs:
        i, j = NAMES.index(pair[0]), NAMES.index(pair[1])
        p[i, j] = p[j, i] = 0.01
    return p


def test_without_differences_there_is_one_tier() -> None:
    assert assign_tiers(NAMES, MACRO, apart()) == (("b", "a", "d", "c"),)


def test_a_tier_starts_at_the_first_system_told_apart_from_the_top() -> None:
    assert assign_tiers(NAMES, MACRO, apart("bd", "bc")) == (("b", "a"), ("d", "c"))


def test_the_next_tier_is_measured_from_its_own_top() -> None:
    assert assign_tiers(NAMES, MACRO, apart("ba", "bd", "bc", "ac")) == (("b",), ("a", "d"), ("c",))


def test_a_difference_that_is_not_from_the_top_does_not_part() -> None:
    assert assign_tiers(NAMES, MACRO, apart("ac", "dc")) == (("b", "a", "d", "c"),)


def test_no_tier_reaches_back() -> None:
    assert assign_tiers(NAMES, MACRO, apart("ba")) == (("b",), ("a", "d", "c"))


def test_a_p_of_exactly_alpha_is_not_told_apart() -> None:
    p = np.array([[1, 0.05], [0.05, 1]])
    assert assign_tiers(["a", "b"], np.array([0.2, 0.1]), p) == (("a", "b"),)
    assert assign_tiers(["a", "b"], np.array([0.2, 0.1]), p, alpha=0.06) == (("a",), ("b",))


def test_equal_means_are_taken_by_name() -> None:
    assert assign_tiers(["z", "a"], np.array([0.5, 0.5]), np.ones((2, 2))) == (("a", "z"),)


def test_no_systems_no_tiers() -> None:
    assert assign_tiers([], np.zeros(0), np.ones((0, 0))) == ()


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.permutations(range(6)))
def test_every_system_stands_in_one_tier_whatever_the_order_of_input(seed: int, shuffle: list[int]) -> None:
    rng = np.random.default_rng(seed)
    names, macro = [f"s{number}" for number in range(6)], rng.integers(0, 4, 6) / 4
    p = rng.random((6, 6)) * 0.2
    p = (p + p.T) / 2
    found = assign_tiers(names, macro, p)
    assert sorted(name for tier in found for name in tier) == names
    moved = assign_tiers([names[i] for i in shuffle], macro[shuffle], p[np.ix_(shuffle, shuffle)])
    assert found == moved
