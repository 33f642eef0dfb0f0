"""Bootstrap intervals: what is resampled, and how often the truth is covered."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.scoring import GROUPS, group_means
from benchmark.scoring.ranked import Floats
from benchmark.statistics import Bootstrap, bootstrap_intervals
from benchmark.statistics.intervals import FEWEST

SIZES = {"high": 30, "medium": 50, "low": 70}
STRATUM = np.repeat(list(SIZES), list(SIZES.values()))
SEEN = np.arange(len(STRATUM)) % 3 != 0


def random_values(seeds: int = 5, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).random((seeds, len(STRATUM)))


def test_every_group_has_its_mean_within_its_interval() -> None:
    values = random_values()
    found = bootstrap_intervals(values, STRATUM, SEEN)
    assert tuple(found) == GROUPS
    means = group_means(values.mean(axis=0), STRATUM, SEEN)
    for name, interval in found.items():
        assert interval.mean == pytest.approx(float(means[name]))
        assert interval.low < interval.mean < interval.high


def test_the_same_seed_gives_the_same_interval() -> None:
    values = random_values()
    first, again, other = (bootstrap_intervals(values, STRATUM, SEEN, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_resampled_means_are_those_of_resampled_queries_and_seeds() -> None:
    """The matrix products against taking rows and columns one draw at a time."""
    values, draws = random_values(), 7
    bootstrap = Bootstrap(STRATUM, SEEN, seeds=5, draws=draws)
    found = bootstrap.means(values)
    for draw in range(draws):
        queries = np.repeat(np.arange(len(STRATUM)), bootstrap._query_counts[draw])
        seeds = np.repeat(np.arange(5), bootstrap._seed_counts[draw])
        assert len(seeds) == 5
        assert {name: int((STRATUM[queries] == name).sum()) for name in SIZES} == SIZES
        taken = values[np.ix_(seeds, queries)].mean(axis=0)
        expected = group_means(taken, STRATUM[queries], SEEN[queries])
        assert {name: found[name][draw] for name in GROUPS} == pytest.approx(expected)


def test_many_values_at_once_are_each_as_alone() -> None:
    bootstrap = Bootstrap(STRATUM, SEEN, seeds=5, draws=300)
    values = np.stack([random_values(seed=seed) for seed in range(6)]).reshape(2, 3, 5, -1)
    means, bounds = bootstrap.means(values), bootstrap.bounds(values)
    for place in np.ndindex(2, 3):
        for name, drawn in bootstrap.means(values[place]).items():
            np.testing.assert_allclose(means[name][place], drawn, rtol=1e-12)
            np.testing.assert_allclose(bounds[name][place], bootstrap.bounds(values[place])[name], rtol=1e-12)


def test_a_value_that_is_not_known_stays_within_its_group() -> None:
    values = random_values()
    values[0, STRATUM == "high"] = np.nan
    found = Bootstrap(STRATUM, SEEN, seeds=5, draws=20).means(values)
    assert not np.isnan([found["medium"], found["low"]]).any()
    assert np.isnan(found["macro"]).any()


def test_a_chunk_boundary_loses_no_draw() -> None:
    drawn = Bootstrap(STRATUM, SEEN, seeds=2, draws=601).means(random_values(2))
    assert {len(means) for means in drawn.values()} == {601}


def test_constant_values_have_an_interval_of_no_width() -> None:
    for interval in bootstrap_intervals(np.full((3, len(STRATUM)), 0.25), STRATUM, SEEN).values():
        assert interval == pytest.approx((0.25, 0.25, 0.25))


def test_strata_are_resampled_each_on_its_own() -> None:
    """Values that differ only between strata leave nothing for macro to vary by."""
    values = np.tile(np.select([STRATUM == "high", STRATUM == "medium"], [0.9, 0.5], 0.1), (2, 1))
    interval = bootstrap_intervals(values, STRATUM, SEEN)["macro"]
    assert interval == pytest.approx((0.5, 0.5, 0.5))


def test_seeds_widen_the_interval() -> None:
    same = np.tile(random_values(1), (5, 1))
    moved = same + np.linspace(-0.1, 0.1, 5)[:, None]
    widths = [np.ptp(bootstrap_intervals(values, STRATUM, SEEN)["macro"][1:]) for values in (same, moved)]
    assert widths[1] > 1.3 * widths[0]


def test_the_width_is_that_of_the_normal_approximation() -> None:
    values = np.tile(random_values(1), (3, 1))
    found = bootstrap_intervals(values, STRATUM, SEEN, draws=4000)
    errors = {name: values[0, name == STRATUM].std() / np.sqrt(size) for name, size in SIZES.items()}
    errors["macro"] = np.sqrt(sum(error**2 for error in errors.values())) / 3
    for name, error in errors.items():
        assert found[name].high - found[name].low == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_a_draw_that_misses_a_group_counts_for_the_others() -> None:
    seen = np.arange(len(STRATUM)) == 0
    drawn = Bootstrap(STRATUM, seen, seeds=5).means(random_values())
    assert 0.2 < np.isnan(drawn["seen"]).mean() < 0.5
    assert not np.isnan(drawn["macro"]).any()


@pytest.mark.parametrize(("size", "told"), [(1, False), (2, False), (FEWEST - 1, False), (FEWEST, True)])
def test_few_queries_have_a_mean_and_no_interval(size: int, told: bool) -> None:
    """Macro is as little known as its smallest stratum."""
    stratum = np.repeat(list(SIZES), [30, size, 50])
    seen = np.arange(len(stratum)) < size
    values = np.random.default_rng(1).random((5, len(stratum)))
    found = bootstrap_intervals(values, stratum, seen)
    assert {name: not np.isnan(interval.low) for name, interval in found.items()} == {
        "macro": told, "high": True, "medium": told, "low": True, "seen": told, "unseen": True
    }  # fmt: skip
    assert all(np.isnan(interval.low) == np.isnan(interval.high) for interval in found.values())
    assert found["medium"].mean == pytest.approx(values[:, stratum == "medium"].mean())


def test_absent_groups_stay_absent() -> None:
    kept = STRATUM != "medium"
    found = bootstrap_intervals(random_values()[:, kept], STRATUM[kept], np.ones(kept.sum(), dtype=bool))
    assert set(found) == {"high", "low", "seen"}


def test_the_truth_is_covered_as_often_as_promised() -> None:
    """1,000 worlds with query and seed effects; 10 seeds."""
    rng = np.random.default_rng(0)
    covered = []
    for world in range(1000):
        query = rng.normal(0, 0.2, len(STRATUM))
        runs = rng.normal(0, 0.01, (10, 1)) + rng.normal(0, 0.05, (10, len(STRATUM)))
        interval = bootstrap_intervals(0.5 + query + runs, STRATUM, SEEN, draws=400, seed=world)["macro"]
        covered.append(interval.low <= 0.5 <= interval.high)
    assert np.mean(covered) == pytest.approx(0.94, abs=0.02)
