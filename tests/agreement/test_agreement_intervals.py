"""Intervals: a bootstrap over whole queries within strata."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from benchmark.agreement.measures.auc import pooled_auc
from benchmark.agreement.measures.confusion import confusion
from benchmark.agreement.measures.kappa import cohen_kappa
from benchmark.agreement.resample import Computed, Resamples, Summed, mean_of

STRATUM = np.repeat(["high", "medium", "low"], [30, 20, 10])


def test_equal_seeds_draw_alike_and_others_do_not() -> None:
    values = mean_of(np.random.default_rng(0).normal(size=60))
    one, same, other = (Resamples(STRATUM, draws=200, seed=seed).estimate(values) for seed in (1, 1, 2))
    assert one == same and one != other


def test_a_stratum_is_estimated_from_its_own_queries() -> None:
    values = np.where(STRATUM == "high", 1.0, 0.0)
    values[-1] = np.nan
    resamples = Resamples(STRATUM, draws=200)
    groups = resamples.groups()
    assert list(groups) == ["all", "high", "medium", "low"]
    assert resamples.estimate(mean_of(values), groups["high"]) == (1, 1, 1, 30)
    value, low, high, queries = resamples.estimate(mean_of(values), groups["low"])
    assert (value, queries) == (0, 9) and np.isnan([low, high]).all(), "nine are too few for an interval"
    assert resamples.estimate(mean_of(values)).value == pytest.approx(30 / 59)


def test_all_is_the_mean_of_the_strata_however_many_queries_each_has() -> None:
    values = np.where(STRATUM == "high", 1.0, np.where(STRATUM == "medium", 0.4, 0.1))
    found = Resamples(STRATUM, draws=200).by_stratum(mean_of(values))
    assert list(found) == ["all", "high", "medium", "low"]
    assert found["all"] == pytest.approx((0.5, 0.5, 0.5, 60)) and found["low"] == pytest.approx((0.1, 0.1, 0.1, 10))
    values[STRATUM == "low"] = np.nan
    assert Resamples(STRATUM, draws=200).by_stratum(mean_of(values))["all"] == pytest.approx((0.7, 0.7, 0.7, 50))


def test_the_interval_of_all_is_that_of_a_mean_of_independent_means() -> None:
    values = np.random.default_rng(8).normal(size=60)
    found = Resamples(STRATUM, draws=4000).by_stratum(mean_of(values))["all"]
    parts = [values[name == STRATUM] for name in ("high", "medium", "low")]
    half = 1.96 * np.sqrt(sum(part.var() / len(part) for part in parts)) / 3
    middle = np.mean([part.mean() for part in parts])
    assert [found.low, found.high] == pytest.approx([middle - half, middle + half], abs=0.03)


def test_queries_without_strata_are_taken_together_and_a_stratum_of_one_query_has_no_interval() -> None:
    assert Resamples(np.full(60, "all"), draws=100).by_stratum(mean_of(np.arange(60.0)))["all"].value == 29.5
    few = Resamples(np.array(["high", "high", "low"]), draws=100).by_stratum(mean_of(np.array([1.0, 0.0, 1.0])))
    assert few["all"].value == 0.75 and few["all"].queries == 3 and np.isnan([few["all"].low, few["low"].low]).all()


def test_one_query_has_no_interval_and_none_no_number() -> None:
    values = np.full(60, np.nan)
    resamples = Resamples(STRATUM, draws=100)
    assert resamples.estimate(mean_of(values))[3] == 0
    values[3] = 0.7
    value, low, high, queries = resamples.estimate(mean_of(values))
    assert (value, queries) == (0.7, 1) and np.isnan([low, high]).all()


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    values = np.random.default_rng(5).normal(size=400)
    found = Resamples(np.full(400, "high"), draws=4000).estimate(mean_of(values))
    half = 1.96 * values.std() / 20
    assert [found.low, found.high] == pytest.approx([values.mean() - half, values.mean() + half], abs=0.012)


def test_whole_queries_are_drawn_so_equal_documents_of_a_query_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(6)
    first = rng.integers(0, 2, (60, 1)).astype(float)
    second = np.where(rng.random((60, 1)) < 0.8, first, 1 - first)
    widths = []
    for copies in (1, 10):
        sums = confusion(np.repeat(first, copies, axis=1), np.repeat(second, copies, axis=1), 2)
        found = Resamples(STRATUM, draws=500).estimate(Summed(sums, cohen_kappa, np.ones(60, dtype=bool)))
        widths.append(found.high - found.low)
    assert widths[0] == pytest.approx(widths[1])


def test_the_interval_of_pooled_auc_covers_its_expectation() -> None:
    """Scores normal with means 1 and 0 of the classes, plus a shift for each query: AUC = Phi(1 / sqrt(2 * 1.25))."""
    from scipy.stats import norm

    truth, covered = norm.cdf(1 / np.sqrt(2 * (1 + 0.25))), 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        relevant = (rng.random((80, 10)) < 0.3).astype(float)
        values = relevant + rng.normal(size=(80, 10)) + 0.5 * rng.normal(size=(80, 1))
        statistic = Computed(partial(pooled_auc, values, relevant), np.ones(80, dtype=bool))
        found = Resamples(np.full(80, "high"), draws=500, seed=seed).estimate(statistic)
        covered += found.low <= truth <= found.high
    assert 0.89 <= covered / 200 <= 0.99
