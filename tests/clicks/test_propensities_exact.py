"""Closed forms, references written as loops, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from propensity_logs import TRUTH, draw
from scipy.optimize import minimize

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.propensities import (
    Logistic,
    PerPair,
    Propensities,
    adjacent_chain,
    all_pairs,
    all_pairs_by_context,
    click_rates,
    dual_learning,
    from_policy,
    known,
    pivot_one,
    rank_counts,
    regression_em,
    swapped,
)
from benchmark.labels.clicks.propensities.contrasts import Contrasts, contrasts
from benchmark.labels.clicks.propensities.likelihood import maximise
from benchmark.labels.clicks.propensities.methods import METHODS, method


def log_of(pages: list[list[int]], clicks: list[list[int]], query: list[int] | None = None) -> ImpressionLog:
    of = np.zeros(len(pages), np.int32) if query is None else np.array(query, np.int32)
    qids = np.array([f"q{i}" for i in range(of.max() + 1)])
    return ImpressionLog(qids, of, np.array(pages, np.uint8), np.array(clicks, bool), 4, simulated=True)


@settings(max_examples=15)
@given(st.integers(0, 200), st.sampled_from(["precision", "pair"]))
def test_contrasts_equal_a_loop(seed: int, weighting) -> None:
    log, _ = draw(60, queries=4, seed=seed)
    impressions, clicks = log.counts()
    n, c = impressions.reshape(-1, 4), clicks.reshape(-1, 4)
    expected = np.zeros((2, 4, 4))
    for pair in range(len(n)):
        for k in range(4):
            for other in range(4):
                if k != other and n[pair, k] and n[pair, other]:
                    h = n[pair, k] * n[pair, other] / (n[pair, k] + n[pair, other]) if weighting == "precision" else 1
                    expected[:, k, other] += h * c[pair, k] / n[pair, k], h
    found = contrasts(rank_counts(log), weighting=weighting)
    np.testing.assert_allclose([found.clicks, found.shown], expected, atol=1e-12)


def test_contrasts_of_a_resample_are_those_of_the_weighted_log_in_blocks_of_any_size(monkeypatch) -> None:
    counts = rank_counts(draw(500, queries=30)[0])
    weights = np.random.default_rng(0).poisson(1, (3, len(counts.query_number)))
    whole = contrasts(counts, weights)
    monkeypatch.setattr("benchmark.labels.clicks.propensities.contrasts._CELLS", 16 * 7)  # seven pairs at a time
    np.testing.assert_allclose(contrasts(counts, weights).clicks, whole.clicks, atol=1e-9)
    for weight, clicks in zip(weights, whole.clicks, strict=True):
        repeated = counts.weighted(weight)
        kept = np.repeat(np.arange(len(weight)), weight)
        assert repeated.shown.sum() == sum(counts.weighted(np.arange(len(weight)) == q).shown.sum() for q in kept)
        single = [contrasts(counts.weighted(np.arange(len(weight)) == q)).clicks for q in kept]
        np.testing.assert_allclose(clicks, np.sum(single, axis=0), atol=1e-9)


def test_newton_finds_the_maximum_that_a_general_optimiser_finds() -> None:
    found = contrasts(rank_counts(draw(3_000, queries=50)[0]))
    clicks, missed = found.clicks, found.shown - found.clicks
    upper = np.triu_indices(4, 1)

    def loss(x: np.ndarray) -> float:
        logs, r = np.append(0.0, x[:3]), np.zeros((4, 4))
        r[upper] = x[3:]
        q = np.exp(np.minimum(logs[:, None] + r + r.T, -1e-9))
        return float(-(clicks * np.log(q) + missed * np.log1p(-q))[~np.eye(4, dtype=bool)].sum())

    reference = minimize(loss, np.full(9, -1.0), method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-14})
    np.testing.assert_allclose(maximise(found), np.exp(np.append(0.0, reference.x[:3])), atol=2e-4)


def test_all_pairs_of_two_ranks_is_the_ratio_of_rates() -> None:
    shown = np.array([[0.0, 50.0], [50.0, 0.0]])
    clicks = np.array([[0.0, 20.0], [8.0, 0.0]])
    np.testing.assert_allclose(maximise(Contrasts(clicks, shown, 100)), [1.0, 8 / 20], rtol=1e-6)


def test_expected_clicks_give_the_truth_exactly() -> None:
    """Contrasts at their expectations: every harvesting method returns examination itself."""
    rng = np.random.default_rng(0)
    shown = rng.uniform(5, 50, (4, 4))
    shown = (shown + shown.T) * ~np.eye(4, dtype=bool)
    rate = rng.uniform(0.1, 0.8, (4, 4))
    clicks = shown * TRUTH[:, None] * (rate + rate.T) / 2
    np.testing.assert_allclose(maximise(Contrasts(clicks, shown, 0)), TRUTH, rtol=1e-6)


def test_examination_above_the_first_rank_is_allowed() -> None:
    examination = np.array([1.0, 1.3, 0.5, 0.2])
    log, _ = draw(60_000, examination=examination * 0.7)
    assert np.abs(all_pairs(rank_counts(log), draws=2).examination - examination).max() < 0.06


def test_a_rank_without_a_click_is_not_examined() -> None:
    log, _ = draw(5_000, examination=np.array([1.0, 0.5, 0.3, 0.0]))
    for estimate in (all_pairs, pivot_one, adjacent_chain, click_rates):
        found = estimate(rank_counts(log))
        assert found.examination[3] == 0 and found.low[3] == 0


def test_click_rates_closed_form() -> None:
    counts = rank_counts(log_of([[0, 1], [1, 0], [2, 3], [2, 3]], [[1, 0], [1, 1], [0, 0], [0, 0]]))
    assert click_rates(counts, draws=2).examination.tolist() == [1.0, 0.5]


def test_counts_are_those_of_the_log_with_only_what_was_shown() -> None:
    log = log_of([[0, 1], [1, 0], [3, 1]], [[1, 0], [0, 1], [0, 0]], [0, 0, 2])
    counts = rank_counts(log)
    assert counts.number.tolist() == [0, 1, 9, 11] and counts.query_number.tolist() == [0, 2]
    assert counts.query.tolist() == [0, 0, 1, 1]
    assert counts.shown.sum() == 6 and counts.clicks.sum() == 2
    assert counts.by_rank(counts.clicks).tolist() == [1, 1]
    part = counts.weighted(np.array([2, 0]))
    assert part.by_rank(part.shown).tolist() == [4, 4] and part.by_query(part.by_pair(part.shown)).tolist() == [8, 0]


def test_per_pair_regression_is_the_shrunk_mean_and_ignores_features() -> None:
    target, weight = np.array([0.2, 0.6]), np.array([1.0, 3.0])
    mean = (0.2 + 1.8) / 4
    found = PerPair(2.0)(np.zeros((2, 0)), target, weight)
    np.testing.assert_allclose(found, [(0.2 + 2 * mean) / 3, (1.8 + 2 * mean) / 5])


def test_logistic_regression_is_at_its_maximum() -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((500, 2)), rng.uniform(0, 5, 500)
    target = 1 / (1 + np.exp(-(x @ [1.0, -2.0] + 0.5)))
    p = Logistic(ridge=1e-6, steps=20)(x, target, weight)
    np.testing.assert_allclose(p, target, atol=1e-5)


def test_a_regressor_that_goes_on_from_its_last_fit_begins_anew_with_each_log() -> None:
    """Its coefficients are those of one fit: the next has features of another width, or the same log again."""
    counts = rank_counts(draw(4_000, queries=10)[0])
    pairs = int(counts.number.max()) + 1
    x = np.random.default_rng(0).standard_normal((pairs, 3))
    regress = Logistic()
    first, wider, again = (
        regression_em(counts, features, regress, draws=2).examination for features in (x, np.hstack([x, x**2]), x)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, wider)


def test_em_without_features_maximises_the_likelihood_of_clicks() -> None:
    """No examination a little off in any rank explains the clicks better, attraction refitted (no prior)."""
    counts = rank_counts(draw(20_000, queries=10)[0])
    found = regression_em(counts, fit_predict=PerPair(0.0), tolerance=1e-8, iterations=5000, draws=2).examination

    def likelihood(examination: np.ndarray) -> float:
        def profile(a: np.ndarray) -> np.ndarray:
            p = examination[counts.rank] * a[counts.pair]
            return counts.by_pair(counts.clicks * np.log(p) + (counts.shown - counts.clicks) * np.log1p(-p))

        low, high = np.full(len(counts.number), 1e-6), np.full(len(counts.number), 1 - 1e-6)
        for _ in range(80):  # ternary search: each pair's likelihood is concave in its attraction
            third = (high - low) / 3
            better = profile(low + third) > profile(high - third)
            low, high = np.where(better, low, low + third), np.where(better, high - third, high)
        return float(profile((low + high) / 2).sum())

    best = likelihood(found)
    for rank in (1, 2, 3):
        for factor in (0.98, 1.02):
            other = found.copy()
            other[rank] *= factor
            assert likelihood(other) < best


def test_dual_learning_stands_still_where_both_halves_agree() -> None:
    """Written as loops: r from clicks over e, e from clicks times R / r, cut at 10; neither moves the other."""
    log, _ = draw(4_000, queries=12)
    found = dual_learning(rank_counts(log), tolerance=1e-9, iterations=5000, draws=2).examination
    impressions, clicks = log.counts()
    over, under = np.zeros(4), np.zeros(4)
    for n, c in zip(impressions, clicks, strict=True):
        shown = n.sum(axis=1)
        relevance = np.maximum((c / found).sum(axis=1) / np.maximum(shown, 1), 1e-9)
        top = (n[:, 0] * relevance).sum() / n[:, 0].sum()
        for pair, r in enumerate(relevance):
            weight = min(top / r, 10.0)
            over += c[pair] * weight
            under += n[pair] * weight * r
    np.testing.assert_allclose(found, (over / under) / (over / under)[0], atol=1e-6)


def test_known_is_scaled_to_the_first_rank() -> None:
    assert known([2.0, 1.0]).examination.tolist() == [1.0, 0.5]
    for wrong in ([], [0.0, 1.0], [1.0, -0.1], [1.0, float("nan")]):
        with pytest.raises(DataError, match="declared examination"):
            known(wrong)


def test_what_travels_is_checked() -> None:
    with pytest.raises(DataError, match="begin with 1"):
        Propensities("x", np.array([0.5, 1.0]), np.zeros(2), np.ones(2), 0)


def test_json_holds_no_infinity() -> None:
    unknown = Propensities("x", TRUTH, np.zeros(4), np.append(1.0, np.full(3, np.inf)), 0)
    text = json.dumps(Propensities("y", TRUTH, TRUTH, TRUTH, 3, {"a": unknown}).as_json(), allow_nan=False)
    assert json.loads(text)["contexts"]["a"]["high"] == [1.0, None, None, None]


def test_no_document_at_two_ranks_is_an_error() -> None:
    log, _ = draw(2_000, jitter=0.0)
    for estimate in (all_pairs, pivot_one, adjacent_chain):
        with pytest.raises(DataError, match="no document is shown at two ranks for the same query"):
            estimate(rank_counts(log))


def test_a_rank_that_nothing_joins_to_the_first_is_named() -> None:
    pages, clicks = [[0, 1, 2], [1, 0, 2]] * 50, [[1, 1, 1], [1, 0, 0]] * 50
    with pytest.raises(DataError, match=r"do not compare rank 3 with .* estimate fewer ranks \(at most 2\)"):
        all_pairs(rank_counts(log_of(pages, clicks)))
    assert len(all_pairs(rank_counts(log_of(pages, clicks), ranks=2))) == 2


@pytest.mark.parametrize("copies", [1, 100])
def test_a_rank_that_was_always_clicked_is_no_edge_that_the_maximum_is_lost_at(copies: int) -> None:
    """Rank 1 is clicked whenever it is shown, rank 2 half the time; the two documents are exchanged evenly."""
    log = log_of([[0, 1], [1, 0]] * (200 * copies), [[1, 0], [1, 0], [1, 1], [1, 1]] * (100 * copies))
    found = all_pairs(rank_counts(log)).examination
    assert found == pytest.approx([1, 0.5], abs=0.02)
    every = log_of([[0, 1], [1, 0]] * 200, [[1, 1], [1, 1]] * 200)
    assert all_pairs(rank_counts(every)).examination == pytest.approx([1, 1], abs=1e-6)


def test_of_three_ranks_an_always_clicked_one_does_not_hide_the_others() -> None:
    rng = np.random.default_rng(0)
    pages = [list(rng.permutation(3)) for _ in range(4000)]
    clicks = rng.random((4000, 3)) < np.array([1.0, 0.5, 0.25])
    found = all_pairs(rank_counts(log_of(pages, clicks.tolist()))).examination
    assert found == pytest.approx([1, 0.5, 0.25], abs=0.05)


@pytest.mark.parametrize("estimate", [all_pairs, regression_em, dual_learning, click_rates])
def test_nothing_is_compared_with_a_first_rank_that_was_never_clicked(estimate) -> None:
    log = log_of([[0, 1], [1, 0]] * 100, [[0, 1], [0, 0]] * 100)
    with pytest.raises(DataError, match=r"rank 1|first rank"):
        estimate(rank_counts(log))


def test_a_rank_that_was_never_clicked_links_nothing() -> None:
    """Ranks 1 and 2 are exchanged in one query, 2 and 3 in another; with no click at rank 2, rank 3 may be anything."""
    pages = [[0, 1, 2], [1, 0, 2]] * 50 + [[0, 1, 2], [0, 2, 1]] * 50
    clicks = [[1, 0, 0], [0, 0, 0], [1, 0, 1], [1, 0, 1]] * 50
    log = log_of(pages, clicks, [0] * 100 + [1] * 100)
    with pytest.raises(DataError, match="do not compare rank 3 with rank 1"):
        all_pairs(rank_counts(log))
    assert all_pairs(rank_counts(log, ranks=2)).examination == pytest.approx([1, 0])


def test_pivot_one_names_the_rank_that_shares_nothing_with_the_first() -> None:
    pages = [[0, 1, 2, 3], [1, 0, 2, 3], [0, 2, 3, 1]]  # rank 3 shares a document with rank 2, which does with rank 1
    log = log_of(pages * 20, (np.random.default_rng(0).random((60, 4)) < 0.5).tolist())
    assert len(all_pairs(rank_counts(log))) == 4
    with pytest.raises(DataError, match=r"pivot-one .* rank 3"):
        pivot_one(rank_counts(log))


@pytest.mark.parametrize(
    ("pages", "clicks", "message"),
    [
        ([[0, 1]], [[0, 0]], "nothing is clicked"),
        ([[0]], [[1]], "one rank"),
        (np.zeros((0, 2)), np.zeros((0, 2)), "no document"),
    ],
)
def test_logs_that_say_nothing_are_refused(pages, clicks, message: str) -> None:
    log = ImpressionLog(
        np.array(["q0"]), np.zeros(len(pages), np.int32), np.array(pages, np.uint8), np.array(clicks, bool), 4, True
    )
    with pytest.raises(DataError, match=message):
        rank_counts(log)


def test_other_errors_say_what_to_do() -> None:
    log, _ = draw(500)
    counts = rank_counts(log)
    with pytest.raises(ConfigurationError, match="give 2 to that many"):
        rank_counts(log, ranks=9)
    with pytest.raises(DataError, match="give each query one"):
        all_pairs_by_context(counts, np.array(["a"]))
    with pytest.raises(DataError, match="one row of numbers"):
        regression_em(counts, np.zeros((3, 2)), Logistic())
    with pytest.raises(DataError, match="Logistic"):
        regression_em(counts, np.zeros((log.pair_count, 2)))
    with pytest.raises(DataError, match="no number"):
        regression_em(counts, np.full((log.pair_count, 1), np.nan), Logistic())
    with pytest.raises(DataError, match="the given policy never puts it"):
        from_policy(counts, np.zeros((log.pair_count, 4)))
    with pytest.raises(DataError, match=r"placement: its shape is \(1200, 3\)"):
        from_policy(counts, np.ones((log.pair_count, 3)))
    with pytest.raises(DataError, match="swapped has nothing to compare rank 3 with"):
        swapped(np.array([1, 3]), np.zeros(2, int), np.ones(2, bool), np.ones(2, bool), 4)
    with pytest.raises(ConfigurationError, match="did you mean all-pairs"):
        method("allpairs")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_by_name_gives_a_whole_curve(name: str) -> None:
    log, attraction = draw(3_000, queries=30)
    features = np.log(attraction / (1 - attraction)).reshape(-1, 1)
    found = METHODS[name].estimate(rank_counts(log), features, 3, 0)
    assert found.method == name and len(found) == 4 and found.shown > 0
    assert ((found.low <= found.examination) & (found.examination <= found.high)).all()
