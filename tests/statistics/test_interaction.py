"""Supervision x stratum: the difference in differences, its interval, its p-value."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from benchmark.scoring.ranked import Floats
from benchmark.statistics import difference_in_differences

STRATUM = np.repeat(["high", "medium", "low"], [40, 30, 80])


def two_systems(
    rng: np.random.Generator, high: float = 0.0, low: float = 0.0, spread: tuple[float, float] = (0.2, 0.2)
) -> tuple[Floats, Floats]:
    """Values [5, Q] of A and B: A is better by `high` and by `low`, with noise per query and per run."""
    effect = np.select([STRATUM == "high", STRATUM == "low"], [high, low], 0.0)
    noise = np.where(STRATUM == "high", spread[0], spread[1]) * rng.normal(size=len(STRATUM))
    base = rng.random(len(STRATUM)) + 0.02 * rng.normal(size=(5, len(STRATUM)))
    return base + effect + noise, base + 0.02 * rng.normal(size=(5, len(STRATUM)))


def test_the_estimate_by_hand() -> None:
    a, b = two_systems(np.random.default_rng(0), high=0.1, low=-0.1)
    found = difference_in_differences(a, b, STRATUM)
    difference = (a - b).mean(axis=0)
    high, low = (difference[name == STRATUM].mean() for name in ("high", "low"))
    assert (found.first.mean, found.second.mean, found.estimate.mean) == pytest.approx((high, low, high - low))
    for interval in (found.first, found.second, found.estimate):
        assert interval.low < interval.mean < interval.high


@pytest.mark.parametrize(
    "values",
    [
        [0.9, 0.8, 0.7, 0.2, 0.6, 0.1, 0.5, 0.3, 0.35, 0.05],
        # Many deals reach exactly the observed value, up to rounding.
        [0.5, 0.3, 0.3, 0.1, 0.1, 0.0, 0.0, 0.0, 0.1, 0.4],
    ],
)
def test_p_against_all_deals_counted_one_by_one(values: list[float]) -> None:
    """Five and five queries: the share of the 252 deals whose Welch |t| reaches the observed one."""
    difference = np.array(values)
    deals = [(list(one), sorted(set(range(10)) - set(one))) for one in combinations(range(10), 5)]
    t = np.array(
        [abs(stats.ttest_ind(difference[one], difference[two], equal_var=False).statistic) for one, two in deals]
    )
    exact = (t >= t[0] * (1 - 1e-9)).mean()
    stratum = np.repeat(["high", "low"], 5)
    found = difference_in_differences(difference[None], np.zeros((1, 10)), stratum, permutations=20000)
    assert found.p == pytest.approx(exact, abs=0.01)


def test_better_everywhere_is_no_interaction() -> None:
    a, b = two_systems(np.random.default_rng(3), high=0.3, low=0.3)
    found = difference_in_differences(a, b, STRATUM)
    assert found.first.low > 0
    assert found.second.low > 0
    assert found.p > 0.05


def test_a_gain_that_is_the_same_on_every_query_is_no_interaction() -> None:
    base = np.random.default_rng(1).random((3, len(STRATUM)))
    found = difference_in_differences(base + 0.1, base, STRATUM)
    assert found.estimate == pytest.approx((0, 0, 0), abs=1e-12)
    assert found.p == 1


def test_a_crossing_is_found() -> None:
    a, b = two_systems(np.random.default_rng(2), high=0.15, low=-0.15)
    found = difference_in_differences(a, b, STRATUM)
    assert found.estimate.low > 0
    assert found.p < 0.001


def test_swapping_systems_or_strata_turns_the_sign_only() -> None:
    a, b = two_systems(np.random.default_rng(4), high=0.05)
    plain = difference_in_differences(a, b, STRATUM)
    for turned in (
        difference_in_differences(b, a, STRATUM),
        difference_in_differences(a, b, STRATUM, between=("low", "high")),
    ):
        assert turned.estimate.mean == pytest.approx(-plain.estimate.mean)
        assert turned.estimate.low == pytest.approx(-plain.estimate.high)
        assert turned.p == pytest.approx(plain.p, abs=0.02)


def test_equal_systems_show_nothing() -> None:
    a, _ = two_systems(np.random.default_rng(5))
    found = difference_in_differences(a, a, STRATUM)
    assert found.estimate == (0, 0, 0)
    assert found.p == 1


def test_deterministic() -> None:
    a, b = two_systems(np.random.default_rng(6))
    assert difference_in_differences(a, b, STRATUM, seed=3) == difference_in_differences(a, b, STRATUM, seed=3)


@pytest.mark.parametrize("spread", [(0.2, 0.2), (0.6, 0.1)])
def test_false_findings_are_as_rare_as_promised_even_with_unequal_spread(spread: tuple[float, float]) -> None:
    rng = np.random.default_rng(7)
    p = [
        difference_in_differences(*two_systems(rng, spread=spread), STRATUM, draws=10, permutations=199).p
        for _ in range(1000)
    ]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.018)


def test_equal_seeds_change_nothing() -> None:
    a, b = (np.mean(values, axis=0, keepdims=True) for values in two_systems(np.random.default_rng(8), high=0.05))
    one, five = (
        difference_in_differences(np.repeat(a, seeds, axis=0), np.repeat(b, seeds, axis=0), STRATUM, draws=10).p
        for seeds in (1, 5)
    )
    assert 0.01 < one < 0.9
    assert one == five


def test_training_that_moves_all_queries_alike_changes_nothing() -> None:
    """The gap between two strata is what has noise: a run that is better on both has the same gap as before."""
    a, b = two_systems(np.random.default_rng(10), high=0.05)
    moved = a + 0.3 * np.random.default_rng(0).normal(size=(5, 1))
    plain, shifted = (difference_in_differences(each, b, STRATUM, draws=10).p for each in (a, moved))
    assert 0.01 < plain < 0.9
    assert shifted == pytest.approx(plain, abs=1e-3)


@pytest.mark.parametrize("noise", [0.03, 0.3])
def test_training_that_moves_one_stratum_by_chance_is_no_interaction(noise: float) -> None:
    """Equal systems, each training of which moves the high-frequency queries together."""
    rng = np.random.default_rng(9)
    p = []
    for _ in range(500):
        a, b = two_systems(rng)
        for values in (a, b):
            values += noise * rng.normal(size=(5, 1)) * (STRATUM == "high")
        p.append(difference_in_differences(a, b, STRATUM, draws=10, permutations=199).p)
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.027)


@pytest.mark.parametrize(
    ("a", "b", "stratum", "message"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), np.array(["high"] * 3), "disagree"),
        (np.ones((2, 3)), np.ones((2, 3)), np.array(["high", "low", "low"]), "two queries each, got 1, 2"),
        (np.full((1, 4), np.nan), np.ones((1, 4)), np.repeat(["high", "low"], 2), "query 0 has no finite value"),
    ],
)
def test_what_cannot_be_tested_is_refused(a: Floats, b: Floats, stratum: npt.NDArray[np.str_], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        difference_in_differences(a, b, stratum)
