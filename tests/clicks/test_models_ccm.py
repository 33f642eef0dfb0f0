from __future__ import annotations

import numpy as np
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

from benchmark.labels.clicks.models.ccm import CcmSeen, ClickChainModel, fit_ccm
from benchmark.labels.clicks.models.chain.counts import chain_counts
from benchmark.labels.clicks.models.chain.forest import forest
from benchmark.labels.clicks.models.dbn import DynamicBayesianNetwork

R = np.array([0.3, 0.7, 0.45])
TAU = (0.9, 0.7, 0.2)
TRUTH = np.random.default_rng(1).uniform(0.1, 0.8, 40)


def draw(rng: np.random.Generator, size: int) -> Log:
    pair = pages_of(rng, size, 40, 5)
    return Log(pair, simulated_clicks(rng, pair, TRUTH, TAU[0], TAU[1] * (1 - TRUTH) + TAU[2] * TRUTH), 40)


def test_it_is_the_sum_over_hidden_states() -> None:
    """Coins: attraction, satisfaction, and whether the user goes on after a click in vain, a good one, and a skip."""

    def goes_on(clicked: bool, coins: tuple[bool, ...]) -> bool:
        return coins[1 + (1 + coins[1] if clicked else 3)]

    model = ClickChainModel(R, R, TAU, 0, True)
    chance = lambda rank, pair: (R[pair], R[pair], TAU[1], TAU[2], TAU[0])  # noqa: E731
    assert_model_is(model, chance, goes_on)


def test_likelihood_and_expectations_of_the_statistics() -> None:
    rng = np.random.default_rng(0)
    pair = pages_of(rng, 150, 7, 5, short=True)
    log = Log(pair, simulated_clicks(rng, pair, rng.uniform(0.1, 0.6, 7), 0.9, 0.6), 7)
    counts = chain_counts(log)
    tails = forest(log, counts)
    at = rng.uniform(0.2, 0.8, 7 + 3)
    model = ClickChainModel(at[:7], at[:7], (at[7], at[8], at[9]), 0, True)
    assert np.isclose(CcmSeen(counts, tails, at).log_likelihood(), log_likelihood(model, log))
    assert_expectations_are_slopes(lambda x: CcmSeen(counts, tails, x), at, 1, 7)
    assert_others_climb(lambda x: CcmSeen(counts, tails, x), at, 3)


def test_satisfaction_equal_to_attraction_and_no_return_is_a_dbn() -> None:
    log = draw(np.random.default_rng(2), 500)
    model = ClickChainModel(TRUTH, TRUTH, (0.8, 0.8, 0.0), 0, True)
    same = DynamicBayesianNetwork(TRUTH, TRUTH, 0.8, TRUTH, TRUTH, 0, True)
    assert np.allclose(model.conditional(log.whole), same.conditional(log.whole))
    assert np.allclose(model.marginal(log.whole), same.marginal(log.whole))


def test_recovery() -> None:
    def fit(log: Log):
        return fit_ccm(log).relevance

    errors_shrink(fit, TRUTH, np.random.default_rng(5), draw)
    model = fit_ccm(draw(np.random.default_rng(6), 30000))
    assert model.converged
    assert np.allclose(model.continuation, TAU, atol=0.06)
    assert 0.7 < np.std((model.relevance - TRUTH) / model.deviation) < 1.5


def test_order_and_blocks_change_nothing() -> None:
    log = draw(np.random.default_rng(7), 2000)
    assert np.allclose(fit_ccm(log).relevance, fit_ccm(log.shuffled(1, 77)).relevance, atol=1e-9)
