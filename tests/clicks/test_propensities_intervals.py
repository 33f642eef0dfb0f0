"""Intervals cover the truth about as often as they say; known propensities make weighted clicks unbiased."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from propensity_logs import TRUTH, draw

from benchmark.labels.clicks.propensities import (
    adjacent_chain,
    all_pairs,
    all_pairs_by_context,
    bootstrap,
    click_rates,
    known,
    pivot_one,
    policy_propensity,
    randomised,
    rank_counts,
    swapped,
)
from benchmark.labels.clicks.propensities.bootstrap import (
    FEWEST,
    clicked_queries,
    interval,
    query_weights,
    resampled_sums,
)
from benchmark.labels.clicks.propensities.methods import METHODS


@pytest.mark.parametrize("estimate", [all_pairs, pivot_one, adjacent_chain])
def test_intervals_cover_the_truth_in_about_95_percent_of_logs(estimate) -> None:
    covered = []
    for seed in range(60):
        found = estimate(rank_counts(draw(6_000, queries=100, seed=seed)[0]), draws=100, seed=seed)
        covered.append((found.low <= TRUTH) & (found.high >= TRUTH))
    assert 0.89 < np.mean(np.array(covered)[:, 1:]) < 0.99  # 180 intervals, those of one log dependent


def test_intervals_of_shuffled_pages_cover_too() -> None:
    covered = []
    for seed in range(80):
        found = randomised(rank_counts(draw(4_000, jitter=np.inf, seed=seed)[0]), draws=100, seed=seed)
        covered.append((found.low <= TRUTH) & (found.high >= TRUTH))
    assert 0.89 < np.mean(np.array(covered)[:, 1:]) < 0.99


def swaps(seed: int):
    """`swapped` of 10,000 impressions where the better document of a query stands higher."""
    rng = np.random.default_rng(seed)
    query, rank, coin = rng.integers(0, 100, 10_000), rng.integers(1, 4, 10_000), rng.random(10_000) < 0.5
    attraction = np.sort(rng.beta(1.5, 2.5, (100, 4)), axis=1)[:, ::-1]
    first, other = attraction[query, 0], attraction[query, rank]
    clicked_first = rng.random(10_000) < np.where(coin, other, first)
    clicked_rank = rng.random(10_000) < TRUTH[rank] * np.where(coin, first, other)
    return swapped(rank, query, clicked_first, clicked_rank, 4, draws=100, seed=seed)


def test_swaps_are_unbiased_and_their_intervals_cover() -> None:
    found = [swaps(seed) for seed in range(80)]
    covered = [(each.low <= TRUTH) & (each.high >= TRUTH) for each in found]
    assert 0.89 < np.mean(np.array(covered)[:, 1:]) < 0.99
    estimates = np.array([each.examination for each in found])
    error = estimates.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(estimates.mean(axis=0) - TRUTH) <= 3 * error).all()


def test_intervals_of_contexts_cover_too() -> None:
    context = np.repeat(["a", "b", "c", "d"], 25)
    curves = {name: TRUTH ** (1 + 0.1 * i) for i, name in enumerate("abcd")}
    covered = []
    for seed in range(20):
        log, _ = draw(8_000, queries=100, seed=seed, examination=np.array([curves[name] for name in context.tolist()]))
        found = all_pairs_by_context(rank_counts(log), context, draws=60, seed=seed)
        for name, curve in found.contexts.items():
            covered.append((curve.low <= curves[name]) & (curve.high >= curves[name]))
    assert 0.87 < np.mean(np.array(covered)[:, 1:]) <= 1.0


def test_clicks_weighted_by_known_propensities_are_unbiased() -> None:
    """The mean over logs of sum c / e / n is within 3 standard errors of attraction, for each pair."""
    log, attraction = draw(3_000, queries=5)
    examination = known(TRUTH).examination
    shown = log.shown.astype(np.int64)
    rng, estimates = np.random.default_rng(7), []
    for _ in range(150):
        clicked = rng.random(shown.shape) < TRUTH * np.take_along_axis(attraction[log.query], shown, 1)
        counts = rank_counts(type(log)(log.qids, log.query, log.shown, clicked, log.list_size, True))
        estimates.append(counts.by_pair(counts.clicks / examination[counts.rank]) / counts.by_pair(counts.shown))
    mean, error = np.mean(estimates, axis=0), np.std(estimates, axis=0, ddof=1) / np.sqrt(len(estimates))
    assert (np.abs(mean - attraction.ravel()[counts.number]) < 3.5 * error).all()  # 3.5: thirty pairs at once
    assert np.mean(np.abs(mean - attraction.ravel()[counts.number]) < 3 * error) > 0.95


def test_policy_aware_weights_are_unbiased_for_clicks_at_any_rank() -> None:
    """E sum c / rho / n = a with rho = sum_k P(k) e_k, also where a pair is often below the page."""
    rng = np.random.default_rng(3)
    placement = np.array([[0.5, 0.2, 0.1, 0.0], [0.0, 0.0, 0.0, 0.3]])  # the rest is not on the page
    attraction = np.array([0.3, 0.8])
    rho = policy_propensity(placement, TRUTH)
    np.testing.assert_allclose(rho, [0.5 + 0.12 + 0.04, 0.075])
    n = 400_000
    for row, a, propensity in zip(placement, attraction, rho, strict=True):
        rank = rng.choice(5, n, p=[*row, 1 - row.sum()])
        estimate = (rng.random(n) < np.append(TRUTH, 0.0)[rank] * a) / propensity
        assert abs(estimate.mean() - a) < 3 * estimate.std() / np.sqrt(n)


def test_a_seed_fixes_the_interval_and_not_the_estimate() -> None:
    counts = rank_counts(draw(4_000)[0])
    first, again, other = (click_rates(counts, seed=seed) for seed in (0, 0, 1))
    assert (first.low == again.low).all() and (first.high == again.high).all()
    assert (first.low[1:] != other.low[1:]).all() and (first.examination == other.examination).all()


def test_queries_are_resampled_as_often_as_they_stand_in_the_log() -> None:
    weights = query_weights(2000, 300, seed=0)
    assert abs(weights.mean() - 1) < 0.01 and abs(weights.var() - 1) < 0.02


@pytest.mark.parametrize("queries", [0, FEWEST - 1, FEWEST, 3001])
def test_weights_are_those_of_one_draw_of_all(queries: int) -> None:
    draws = 50 if queries >= FEWEST else 1
    expected = np.random.default_rng(3).poisson(1.0, (draws, queries))
    weights = query_weights(queries, 50, seed=3)
    np.testing.assert_array_equal(weights, expected)
    assert weights.dtype == np.uint8


def test_weights_and_sums_take_little_more_memory_than_the_weights() -> None:
    """No matrix [draws, queries] of wider numbers: 1 byte each, and 8 for a row or a block of queries."""
    queries, draws = 100_000, 100
    weights, peak = peak_memory(lambda: query_weights(queries, draws, seed=0))
    assert peak < 1.5 * weights.nbytes
    _, peak = peak_memory(lambda: resampled_sums(np.ones((queries, 2)), draws, seed=0))
    assert peak < weights.nbytes + 8 * draws * bootstrap.BLOCK + 8_000_000


def peak_memory(work):
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_sums_of_resamples_are_the_matrix_product(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(bootstrap, "BLOCK", block)
    per_query = np.random.default_rng(0).random((60, 3))
    np.testing.assert_allclose(resampled_sums(per_query, 40, 1), query_weights(60, 40, 1) @ per_query, rtol=1e-13)


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_an_interval_holds_its_estimate_and_the_first_rank_has_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    examination = np.append(1.0, rng.uniform(0, 1, 3))
    draws = np.column_stack([np.ones(30), rng.uniform(0, 1, (30, 3))])
    low, high = interval(examination, draws)
    assert ((low <= examination) & (examination <= high)).all()
    assert low[0] == high[0] == 1


def test_without_two_usable_resamples_nothing_is_known() -> None:
    low, high = interval(TRUTH, np.full((5, 4), np.nan))
    assert low.tolist() == [1, 0, 0, 0] and high.tolist() == [1, np.inf, np.inf, np.inf]


@pytest.mark.parametrize("queries", [1, 2, FEWEST - 1])
@pytest.mark.parametrize("name", [name for name in METHODS if name != "randomised"])
def test_of_a_few_queries_there_is_no_interval(name: str, queries: int) -> None:
    """Their resamples are multiples of one another, or empty: bounds would be the estimate itself, or anything."""
    counts = rank_counts(draw(1_000, queries=queries)[0])
    found = METHODS[name].estimate(counts, None, 20, 0)
    assert found.low.tolist() == [1, 0, 0, 0] and found.high.tolist() == [1, np.inf, np.inf, np.inf]
    assert (np.abs(found.examination - TRUTH) < 0.4).all()


@pytest.mark.parametrize("name", ["regression-em", "dual-learning"])
def test_a_resample_without_clicks_is_left_out_and_not_fitted(name: str) -> None:
    """Of six queries one has the clicks: a third of the resamples lack it."""
    log, _ = draw(1_200, queries=6)
    only = type(log)(log.qids, log.query, log.shown, log.clicked & (log.query == 0)[:, None], log.list_size, True)
    found = METHODS[name].estimate(rank_counts(only), None, 20, 0)
    assert (found.high < 3 * found.examination).all()


def test_queries_without_a_click_do_not_count() -> None:
    log, _ = draw(1_200, queries=6)
    assert clicked_queries(rank_counts(log)) == 6
    only = type(log)(log.qids, log.query, log.shown, log.clicked & (log.query < 2)[:, None], log.list_size, True)
    assert clicked_queries(rank_counts(only)) == 2
