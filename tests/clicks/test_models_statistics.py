"""A log as counts of its cells."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_logs import PageLog

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.counting.counter import KeyCounter
from benchmark.labels.clicks.models.counting.statistics import (
    Statistics,
    last_click_statistics,
    over_ranks,
    rank_statistics,
)
from benchmark.labels.clicks.models.fitting.priors import Beta, Prior, estimate_beta, groups_by
from benchmark.labels.clicks.models.fitting.squarem import squarem


def random_log(seed: int, impressions: int = 60, pairs: int = 12, size: int = 4) -> PageLog:
    rng = np.random.default_rng(seed)
    pair = np.argsort(rng.random((impressions, pairs)), axis=1)[:, :size].astype(np.int32)
    pair[np.arange(size) >= rng.integers(1, size + 1, (impressions, 1))] = -1
    return PageLog(pair, (rng.random(pair.shape) < 0.4) & (pair >= 0), pairs, block=7)


def loop(log: PageLog, by_last_click: bool) -> dict[tuple[int, int], tuple[int, int]]:
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    for page, clicks in zip(log.pair.tolist(), log.clicked.tolist(), strict=True):
        last = 0
        for rank, (pair, click) in enumerate(zip(page, clicks, strict=True), start=1):
            if pair < 0:
                continue
            cell = (pair, rank * (rank - 1) // 2 + last if by_last_click else rank - 1)
            n, c = cells.get(cell, (0, 0))
            cells[cell] = (n + 1, c + click)
            last = rank if click else last
    return cells


def cells(s: Statistics) -> dict[tuple[int, int], tuple[int, int]]:
    columns = (x.tolist() for x in (s.pair, s.context, s.impressions, s.clicks))
    return {(p, k): (n, c) for p, k, n, c in zip(*columns, strict=True)}


@given(st.integers(0, 1000), st.booleans(), st.booleans())
def test_statistics_equal_a_loop(seed: int, by_last_click: bool, table: bool) -> None:
    log = random_log(seed)
    counted = (last_click_statistics if by_last_click else rank_statistics)(log, table=table)
    assert cells(counted) == loop(log, by_last_click)
    key = counted.pair * counted.contexts + counted.context
    assert (np.diff(key) > 0).all()


@given(st.integers(0, 1000))
def test_last_click_statistics_summed_over_ranks_are_rank_statistics(seed: int) -> None:
    log = random_log(seed)
    assert cells(over_ranks(last_click_statistics(log))) == cells(rank_statistics(log))


def test_parts_add_up_in_any_order_and_after_a_pickle() -> None:
    a, b, c = (last_click_statistics(random_log(seed)) for seed in range(3))
    whole = cells((a + b) + c)
    assert whole == cells(a + (b + c)) == cells(pickle.loads(pickle.dumps(c)) + (b + a))
    logs = [random_log(seed) for seed in range(3)]
    joined = PageLog(np.vstack([x.pair for x in logs]), np.vstack([x.clicked for x in logs]), 12)
    assert whole == cells(last_click_statistics(joined))


def test_statistics_of_different_logs_do_not_add() -> None:
    with pytest.raises(ConfigurationError, match="parts of one log"):
        rank_statistics(random_log(0)) + last_click_statistics(random_log(0))


def test_an_empty_log_has_no_cell() -> None:
    empty = rank_statistics(PageLog(np.empty((0, 3), np.int32), np.empty((0, 3), bool), 5))
    assert len(empty) == 0 and empty.by_pair(empty.clicks).shape == (0,)
    assert empty.everywhere(np.empty(0), 0.5).tolist() == [0.5] * 5
    assert cells(empty + empty) == {}


@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12))
def test_table_and_sorted_runs_count_alike(blocks: list[list[int]]) -> None:
    table, runs = KeyCounter(41, table=True), KeyCounter(41, table=False)
    for block in blocks:
        table.add(np.array(block, np.int64))
        runs.add(np.array(block, np.int64))
    expected = np.unique(np.concatenate([np.array(b, np.int64) for b in [[], *blocks]]), return_counts=True)
    for keys, counts in (table.counts(), runs.counts()):
        assert keys.tolist() == expected[0].tolist() and counts.tolist() == expected[1].tolist()


def test_a_long_table_is_counted_like_a_short_one() -> None:
    keys = np.random.default_rng(0).integers(0, 1000, 500)
    long, short = KeyCounter(100_000, table=True), KeyCounter(1000, table=True)
    for counter in (long, short):
        counter.add(keys)
        counter.add(keys)
    assert [x.tolist() for x in long.counts()] == [x.tolist() for x in short.counts()]


def test_keys_beyond_32_bits_are_kept_apart() -> None:
    counter = KeyCounter(1 << 40)
    counter.add(np.array([1, 1 + (1 << 32), 1], np.int64))
    assert counter.counts()[0].tolist() == [1, 1 + (1 << 32)] and counter.counts()[1].tolist() == [2, 1]


# Priors


@pytest.mark.parametrize(("strength", "mean"), [(2.0, 0.2), (20.0, 0.1), (0.5, 0.3)])
def test_the_prior_of_binomial_counts_is_recovered(strength: float, mean: float) -> None:
    rng = np.random.default_rng(0)
    rate = rng.beta(strength * mean, strength * (1 - mean), 50_000)
    trials = np.minimum(rng.zipf(1.5, 50_000), 1000)
    beta = estimate_beta(rng.binomial(trials, rate).astype(float), trials.astype(float))
    assert beta.typical == pytest.approx(mean, rel=0.03) and beta.strength == pytest.approx(strength, rel=0.1)


def test_the_prior_of_examined_counts_is_recovered() -> None:
    """Successes with probability w r, w known: neither the unexamined nor the number of trials biases it."""
    rng = np.random.default_rng(0)
    rate, weight = rng.beta(1, 3, 50_000), np.array([1.0, 0.5, 0.1])
    n = rng.integers(0, 4, (50_000, 3))
    x = rng.binomial(n, weight * rate[:, None]).sum(1).astype(float)
    beta = estimate_beta(x, n @ weight, squares=n @ weight**2)
    assert beta.typical == pytest.approx(0.25, rel=0.03) and beta.strength == pytest.approx(4, rel=0.1)


def test_groups_have_means_of_their_own_and_one_strength() -> None:
    rng = np.random.default_rng(0)
    group = np.arange(60_000) % 2
    mean = np.where(group == 1, 0.4, 0.1)
    trials = np.full(60_000, 5.0)
    clicks = rng.binomial(5, rng.beta(6 * mean, 6 * (1 - mean))).astype(float)
    beta = estimate_beta(clicks, trials, group=group)
    np.testing.assert_allclose(beta.mean[:2], [0.1, 0.4], rtol=0.03)
    assert beta.strength == pytest.approx(6, rel=0.1)
    assert estimate_beta(clicks, trials).strength < 5  # what lies between the groups is taken for spread


def test_what_is_fixed_is_not_estimated() -> None:
    beta = estimate_beta(np.array([1.0, 3]), np.array([4.0, 4]), Prior(0.3, 7.0))
    assert beta.strength == 7 and beta.mean.tolist() == [0.3, 0.3] and beta.typical == 0.3
    assert estimate_beta(np.array([1.0, 3]), np.array([4.0, 4]), Prior(strength=0)).typical == 0.5


@pytest.mark.parametrize("wrong", [{"mean": 0.0}, {"mean": 1.2}, {"strength": -1.0}, {"groups": 0}])
def test_an_impossible_prior_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="prior"):
        Prior(**wrong)


def test_posterior_of_a_beta_closed_form() -> None:
    beta = Beta(np.array([0.5, 0.5]), 2.0, 0.5)
    assert beta.posterior_mean(np.array([2.0, 0]), np.array([2.0, 0])).tolist() == [0.75, 0.5]
    deviation = beta.posterior_deviation(np.array([2.0, 0]), np.array([2.0, 0]))
    np.testing.assert_allclose(deviation, np.sqrt([0.75 * 0.25 / 5, 0.25 / 3]))
    assert deviation[1] == pytest.approx(beta.deviation)


def test_groups_are_of_about_equal_size_and_keep_equal_values_together() -> None:
    assert groups_by(np.array([5.0, 1, 3, 2, 4, 6]), 3).tolist() == [2, 0, 1, 0, 1, 2]
    assert len(set(groups_by(np.array([1.0, 1, 1, 2]), 4).tolist())) <= 2


# Acceleration


def test_squarem_needs_fewer_steps_and_never_descends() -> None:
    shrink = np.array([0.99, 0.9, 0.5])

    def step(x):
        return shrink * x, -float((x**2).sum())

    result = squarem(step, np.ones(3), iterations=300, tolerance=1e-12)
    assert np.abs(result.parameters).max() < 1e-4 < 0.99**result.iterations
    assert result.iterations <= 300 and (np.diff(result.trace) >= 0).all()
