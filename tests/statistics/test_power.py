"""Minimum detectable effects: closed form, the t-test's power, and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from benchmark.scoring.ranked import Floats
from benchmark.statistics import all_pairs_mde, minimum_detectable_effect, pair_mde

SIZES = {"high": 40, "medium": 90, "low": 160}
STRATUM = np.repeat(list(SIZES), list(SIZES.values()))


def alternating(size: float) -> Floats:
    """One seed [1, Q] of +size, -size, ...: their standard deviation over n queries is size sqrt(n / (n - 1))."""
    return size * np.where(np.arange(len(STRATUM)) % 2, 1.0, -1.0)[None]


def test_the_closed_form() -> None:
    assert minimum_detectable_effect(1.0) == pytest.approx(1.959964 + 0.841621, abs=1e-6)
    assert minimum_detectable_effect(0.01) == pytest.approx(0.0280159, abs=1e-6)
    assert minimum_detectable_effect(0.0) == 0


def test_one_pair_by_hand() -> None:
    found = pair_mde(alternating(0.3), alternating(0), STRATUM)
    error = {name: 0.3 / np.sqrt(n - 1) for name, n in SIZES.items()}
    error["macro"] = np.sqrt(sum(each**2 for each in error.values())) / 3
    assert found == pytest.approx({name: 2.801585 * each for name, each in error.items()}, rel=1e-6)
    assert list(found) == ["macro", "high", "medium", "low"]


def test_a_pair_with_noise_of_training_by_hand() -> None:
    """Seeds at -1, 0, 1 times 0.02: s^2 / S = 0.02^2 / 3, on each stratum and on macro, beside that of the queries."""
    shifts = 0.02 * np.array([[-1.0], [0.0], [1.0]])
    found = pair_mde(alternating(0.3) + shifts, alternating(0) + np.zeros((3, 1)), STRATUM)
    queries = pair_mde(alternating(0.3), alternating(0), STRATUM)
    factor = minimum_detectable_effect(1.0)
    assert found == pytest.approx({k: np.hypot(v, factor * 0.02 / np.sqrt(3)) for k, v in queries.items()})


def test_equal_seeds_change_nothing() -> None:
    values = np.random.default_rng(3).random((3, 1, len(STRATUM)))
    assert all_pairs_mde(np.repeat(values, 5, axis=1), STRATUM) == pytest.approx(all_pairs_mde(values, STRATUM))


def test_the_median_and_the_noisiest_pair() -> None:
    # Pair differences have sizes 1, 3 and 2.
    values = np.stack([alternating(size) for size in (0, 1, 3)])
    median, largest = all_pairs_mde(values, STRATUM), all_pairs_mde(values, STRATUM, np.max)
    for found, size in ((median, 2), (largest, 3)):
        assert found == pytest.approx(pair_mde(alternating(size), alternating(0), STRATUM))


def test_a_stratum_without_two_queries_is_absent() -> None:
    kept = (STRATUM != "high") | (np.arange(len(STRATUM)) == 0)
    assert list(all_pairs_mde(np.random.default_rng(0).random((3, 1, kept.sum())), STRATUM[kept])) == ["medium", "low"]


def test_a_greater_critical_value_takes_a_greater_effect() -> None:
    z, power = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    assert minimum_detectable_effect(0.01) == pytest.approx((z + power) * 0.01)
    assert minimum_detectable_effect(0.01, critical=4.7) == pytest.approx((4.7 + power) * 0.01)
    values = np.random.default_rng(1).random((3, 2, len(STRATUM)))
    one, all_pairs = all_pairs_mde(values, STRATUM), all_pairs_mde(values, STRATUM, critical=4.7)
    assert all_pairs == pytest.approx({name: mde * (4.7 + power) / (z + power) for name, mde in one.items()})


def test_the_paired_t_test_has_80_percent_power_at_the_mde() -> None:
    """Power as statsmodels has it; at 160 queries the normal approximation is off by under 1 %."""
    n = SIZES["low"]
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 1, len(STRATUM)))
    effect = pair_mde(a, b, STRATUM)["low"] / (a - b)[:, STRATUM == "low"].std(ddof=1)
    power = TTestPower().power(effect, n, alpha=0.05, alternative="two-sided")
    assert power == pytest.approx(0.8, abs=0.01)


def test_simulated_power_at_the_mde_is_80_percent() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.25, (4000, SIZES["medium"]))
    effect = minimum_detectable_effect(0.25 / np.sqrt(SIZES["medium"]))
    found = np.asarray(stats.ttest_1samp(noise + effect, 0, axis=1).pvalue) < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("values", "message"),
    [(np.ones((1, 5, 290)), "systems >= 2"), (np.full((2, 5, 290), np.inf), "system 0 has a value that is not finite")],
)
def test_values_without_a_difference_are_refused(values: Floats, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        all_pairs_mde(values, STRATUM)
