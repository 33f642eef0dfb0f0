from __future__ import annotations

import numpy as np
import pytest
from chain_logs import (
    Log,
    assert_expectations_are_slopes,
    assert_model_is,
    assert_others_climb,
    errors_shrink,
    log_likelihood,
    pages_of,
    simulated_clicks,
)
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.cascade import CascadeModel
from benchmark.labels.clicks.models.chain.counts import chain_counts
from benchmark.labels.clicks.models.chain.forest import forest
from benchmark.labels.clicks.models.chain.tails import Tails, chain_tails, joined
from benchmark.labels.clicks.models.dbn import DbnSeen, DynamicBayesianNetwork, fit_dbn
from benchmark.labels.clicks.models.fitting.event_em import fit_events
from benchmark.labels.clicks.models.fitting.priors import Prior

A = np.array([0.3, 0.7, 0.45])
S = np.array([0.6, 0.2, 0.8])
PAIRS = 40
ATTRACTION = np.random.default_rng(1).uniform(0.1, 0.6, PAIRS)
SATISFACTION = np.random.default_rng(2).uniform(0.2, 0.8, PAIRS)


def draw(rng: np.random.Generator, size: int, gamma: float = 0.85, short: bool = False) -> Log:
    pair = pages_of(rng, size, PAIRS, 5, short=short)
    return Log(pair, simulated_clicks(rng, pair, ATTRACTION, gamma, gamma * (1 - SATISFACTION)), PAIRS)


def model_of(a, s, gamma: float) -> DynamicBayesianNetwork:
    return DynamicBayesianNetwork(a, s, gamma, a, s, 0, True)


@pytest.mark.parametrize("gamma", [0.85, 1.0])
def test_it_is_the_sum_over_hidden_states(gamma: float) -> None:
    """Coins: attraction, satisfaction, perseverance."""
    assert_model_is(
        model_of(A, S, gamma),
        lambda rank, pair: (A[pair], S[pair], gamma),
        lambda clicked, coins: coins[2] and not (clicked and coins[1]),
    )


@pytest.mark.parametrize("fixed", [None, 1.0])
def test_likelihood_and_expectations_of_the_statistics(fixed: float | None) -> None:
    rng = np.random.default_rng(0)
    pair = pages_of(rng, 150, 7, 5, short=True)
    log = Log(pair, simulated_clicks(rng, pair, rng.uniform(0.1, 0.6, 7), 0.9, 0.6), 7)
    counts = chain_counts(log)
    tails = forest(log, counts)
    at = rng.uniform(0.2, 0.8, 2 * 7 + 1)
    model = model_of(at[:7], at[7:14], at[14] if fixed is None else fixed)
    assert np.isclose(DbnSeen(counts, tails, at, fixed).log_likelihood(), log_likelihood(model, log))
    assert_expectations_are_slopes(lambda x: DbnSeen(counts, tails, x, fixed), at, 2, 7)
    if fixed is None:
        assert_others_climb(lambda x: DbnSeen(counts, tails, x, fixed), at, 1)


def test_always_satisfied_is_the_cascade_model() -> None:
    log = draw(np.random.default_rng(3), 300)
    cascade = CascadeModel(ATTRACTION, ATTRACTION)
    model = model_of(ATTRACTION, np.ones(PAIRS), 1.0)
    assert np.allclose(model.conditional(log.whole), cascade.conditional(log.whole))
    assert np.allclose(model.marginal(log.whole), cascade.marginal(log.whole))


def test_em_never_decreases_its_objective() -> None:
    log = draw(np.random.default_rng(4), 2000)
    counts = chain_counts(log)
    tails = forest(log, counts)
    start = np.full(2 * PAIRS + 1, 0.5)
    for strength in (0, 3):
        priors = (Prior(0.3, strength), Prior(0.5, strength)) if strength else (Prior(strength=0), Prior(strength=0))
        fit = fit_events(lambda at: DbnSeen(counts, tails, at, None), start, priors, iterations=300, tolerance=1e-10)
        assert (np.diff(fit.trace) >= -1e-9 * abs(fit.trace[0])).all()


def test_the_fit_is_a_maximum() -> None:
    """No neighbour of the maximum-likelihood estimate is likelier."""
    log = draw(np.random.default_rng(5), 6000)
    model = fit_dbn(log, prior=Prior(strength=0), tolerance=1e-13, iterations=6000)
    best = log_likelihood(model, log)
    rng = np.random.default_rng(6)
    for _ in range(20):
        a = np.clip(model.attraction + 0.01 * rng.standard_normal(PAIRS), 0.01, 0.99)
        s = np.clip(model.satisfaction + 0.01 * rng.standard_normal(PAIRS), 0.01, 0.99)
        gamma = min(model.perseverance + 0.005 * rng.standard_normal(), 1.0)
        assert log_likelihood(model_of(a, s, gamma), log) < best


def test_recovery() -> None:
    truth = np.concatenate([ATTRACTION, SATISFACTION, [0.85]])

    def fit(log: Log):
        model = fit_dbn(log)
        return np.concatenate([model.attraction, model.satisfaction, [model.perseverance]])

    errors_shrink(fit, truth, np.random.default_rng(7), draw, sizes=(4000, 64000))
    model = fit_dbn(draw(np.random.default_rng(8), 8000))
    assert model.converged
    assert 0.75 < np.std((model.relevance - ATTRACTION * SATISFACTION) / model.deviation) < 1.4


def test_priors_and_deviations_allow_for_what_is_hidden() -> None:
    """Few impressions of each of many pairs: errors are about as large as the deviations say."""
    rng = np.random.default_rng(11)
    pairs = 6000
    attraction, satisfaction = rng.beta(2, 5, pairs), rng.beta(2, 2, pairs)
    pair = (rng.integers(pairs // 10, size=(40000, 1)) * 10 + pages_of(rng, 40000, 10, 8)).astype(np.int32)
    log = Log(pair, simulated_clicks(rng, pair, attraction, 0.9, 0.9 * (1 - satisfaction)), pairs)
    model = fit_dbn(log)
    assert 0.96 < np.std((model.attraction - attraction) / model.attraction_deviation) < 1.05
    assert 0.9 < np.std((model.satisfaction - satisfaction) / model.satisfaction_deviation) < 1.2


def test_a_pair_that_was_never_shown_has_the_prior() -> None:
    log = draw(np.random.default_rng(9), 2000)
    wider = Log(log.pair, log.clicked, PAIRS + 1)
    model = fit_dbn(wider, prior=Prior(mean=0.25, strength=4))
    assert np.isclose(model.attraction[-1], 0.25)
    assert np.isclose(model.attraction_deviation[-1], np.sqrt(0.25 * 0.75 / 5))
    assert model.deviation[-1] == model.deviation.max()


def test_only_a_probability_can_be_fixed() -> None:
    with pytest.raises(ConfigurationError, match="perseverance 0 is not in"):
        fit_dbn(draw(np.random.default_rng(0), 10), perseverance=0)


@given(st.integers(0, 30), st.integers(1, 60))
def test_order_and_blocks_change_no_statistic(seed: int, block: int) -> None:
    log = draw(np.random.default_rng(seed), 60, short=True)
    one, other = _tails(log), _tails(log.shuffled(seed, block))
    for name in ("last", "pair", "count"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    half = (Log(log.pair[:25], log.clicked[:25], PAIRS), Log(log.pair[25:], log.clicked[25:], PAIRS))
    both = joined([_tails(part) for part in half]).compact()
    assert np.array_equal(one.pair, both.pair) and np.array_equal(one.count, both.count)
    assert np.array_equal((chain_counts(half[0]) + chain_counts(half[1])).passed, chain_counts(log).passed)


def _tails(log: Log) -> Tails:
    return chain_tails(log, np.array([0, log.pair_count]))[0].compact()


@pytest.mark.parametrize("loose", [1, 1 << 21])
def test_ranges_of_pairs_change_nothing(monkeypatch: pytest.MonkeyPatch, loose: int) -> None:
    """Twelve queries in one tree or in several, their tails kept as they come or equal ones as one: the same fit."""
    rng = np.random.default_rng(12)
    page = pages_of(rng, 900, 6, 5, short=True)
    pair = np.where(page >= 0, rng.integers(12, size=(900, 1)) * 6 + page, -1).astype(np.int32)
    log = Log(pair, simulated_clicks(rng, pair, rng.uniform(0.1, 0.6, 72), 0.9, 0.6), 72, block=100, candidates=6)
    whole = fit_dbn(log)
    monkeypatch.setattr("benchmark.labels.clicks.models.chain.forest.IMPRESSIONS", 200)
    monkeypatch.setattr("benchmark.labels.clicks.models.chain.tails.LOOSE", loose)
    assert len(forest(log, chain_counts(log)).trees) > 5
    parts = fit_dbn(log)
    assert np.allclose(parts.attraction, whole.attraction, atol=1e-9)
    assert np.allclose(parts.satisfaction_deviation, whole.satisfaction_deviation, atol=1e-9)


@given(st.integers(0, 30))
def test_statistics_equal_a_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pair = pages_of(rng, 30, 6, 4, short=True)
    clicked = (rng.random(pair.shape) < 0.3) & (pair >= 0)
    log = Log(pair, clicked, 6, block=7)
    clicks, passed, whole, continued = np.zeros(6), np.zeros(6), np.zeros(6), np.zeros(6)
    at = np.zeros((2, 4))
    tails: dict[tuple[int, ...], int] = {}
    for page, marks in zip(pair.tolist(), clicked.tolist(), strict=True):
        last = max((rank for rank in range(4) if marks[rank]), default=-1)
        for rank, document in enumerate(page):
            if document >= 0:
                clicks[document] += marks[rank]
                passed[document] += rank < last and not marks[rank]
                whole[document] += last < 0
                continued[document] += marks[rank] and rank < last
                at[0, rank] += marks[rank] and rank < last
                at[1, rank] += marks[rank] and rank == last
        if last < 3 and page[last + 1] >= 0:
            tail = (last, *([-1] * max(last, 0)), *page[max(last, 0) :])
            tails[tail] = tails.get(tail, 0) + 1
    counts, found = chain_counts(log), _tails(log)
    assert np.array_equal(counts.clicks, clicks) and np.array_equal(counts.passed, passed)
    assert np.array_equal(counts.whole, whole) and np.array_equal(counts.continued, continued)
    assert np.array_equal([counts.continued_at, counts.last_at], at)
    rows = zip(found.last.tolist(), found.pair.tolist(), found.count.tolist(), strict=True)
    assert {(last, *row): count for last, row, count in rows} == tails
