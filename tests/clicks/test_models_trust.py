"""The trust bias model against its formula, its simulator, and the position-based model that it contains."""

from __future__ import annotations

import numpy as np
from chain_logs import Log, log_likelihood, pages_of

from benchmark.labels.clicks.models.counting.statistics import Statistics, rank_statistics
from benchmark.labels.clicks.models.fitting.priors import Prior
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.registry import fitted
from benchmark.labels.clicks.models.trust import TrustBiasModel, TrustSeen, fit_trust

U = np.array([1.0, 0.8, 0.55, 0.4])
V = np.array([0.35, 0.2, 0.08, 0.0])
PAIRS = 30
RELEVANCE = np.random.default_rng(0).uniform(0.05, 0.95, PAIRS)


def draw(rng: np.random.Generator, size: int, u=U, v=V) -> Log:
    pair = pages_of(rng, size, PAIRS, 4)
    return Log(pair, rng.random(pair.shape) < v + (u - v) * RELEVANCE[pair], PAIRS)


def test_clicks_are_affine_in_relevance() -> None:
    model = TrustBiasModel(U, V, RELEVANCE, RELEVANCE, 0, True)
    log = draw(np.random.default_rng(1), 50)
    assert np.allclose(model.marginal(log.whole), np.maximum(V + (U - V) * RELEVANCE[log.pair], 1e-9))
    assert np.array_equal(model.conditional(log.whole), model.marginal(log.whole))


def test_the_expected_events_are_the_slope_of_the_likelihood() -> None:
    """d log-likelihood / d logit r = successes - r trials, by Fisher's identity."""
    rng = np.random.default_rng(2)
    statistics = rank_statistics(draw(rng, 300))
    at = rng.uniform(0.2, 0.8, PAIRS + 6)
    seen = TrustSeen(statistics, at)
    (events,) = seen.events()
    for pair in range(5):
        moved = []
        for step in (1e-5, -1e-5):
            there = at.copy()
            there[pair] = 1 / (1 + (1 - at[pair]) / at[pair] * np.exp(-step))
            moved.append(TrustSeen(statistics, there).log_likelihood())
        slope = (moved[0] - moved[1]) / 2e-5
        assert np.isclose(slope, events.successes[pair] - at[pair] * events.trials[pair], rtol=1e-4, atol=1e-4)


def test_it_recovers_its_simulator_and_errors_shrink() -> None:
    errors = []
    for size in (20_000, 320_000):
        model = fit_trust(draw(np.random.default_rng(3), size))
        assert model.converged
        errors.append([np.abs(model.relevant - U).max(), np.abs(model.irrelevant - V).max()])
        spread = np.std((model.relevance - RELEVANCE) / model.deviation)
    assert np.max(errors[1]) < 0.04 and np.sum(errors[1]) < 0.6 * np.sum(errors[0])
    assert spread < 2  # u and v are taken as known, so somewhat more than 1


def test_without_trust_it_is_the_position_based_model() -> None:
    examination = np.array([1.0, 0.6, 0.4, 0.3])
    log, held = (draw(np.random.default_rng(seed), 60_000, examination, np.zeros(4)) for seed in (4, 5))
    model = fit_trust(log)
    assert model.irrelevant.max() < 0.03
    assert np.abs(model.relevant - examination).max() < 0.03
    documents = held.pair.size
    pbm = fit_pbm(log, examination="em")
    assert abs(log_likelihood(model, held) - log_likelihood(pbm, held)) / documents < 1e-4


def test_a_position_based_model_cannot_follow_trust() -> None:
    log, held = (draw(np.random.default_rng(seed), 60_000) for seed in (6, 7))
    assert log_likelihood(fit_trust(log), held) > log_likelihood(fit_pbm(log), held) + 100


def test_priors_and_the_registry() -> None:
    log = Log(*(lambda log: (log.pair, log.clicked))(draw(np.random.default_rng(8), 500)), PAIRS + 1)
    model = fitted("trust", log, Prior(mean=0.3, strength=5))
    assert np.isclose(model.relevance[-1], 0.3)
    assert np.isclose(model.deviation[-1], np.sqrt(0.3 * 0.7 / 6))


def statistics_of(shown: np.ndarray, clicks: np.ndarray) -> Statistics:
    """Counts [Q, L, K] as cells."""
    ranks = shown.shape[-1]
    cell = np.arange(shown.size)
    return Statistics(
        shown.size // ranks, ranks, ranks, cell // ranks, cell % ranks, shown.ravel(), clicks.astype(np.int64).ravel()
    )


def test_trust_bias_is_recovered_up_to_a_shift_of_relevance() -> None:
    rng = np.random.default_rng(0)
    slope, offset = np.array([0.8, 0.5, 0.3, 0.2, 0.15]), np.array([0.15, 0.08, 0.04, 0.02, 0.01])
    shown = rng.integers(20, 200, (300, 8, 5))
    clicks = rng.binomial(shown, rng.beta(1, 3, (300, 8, 1)) * slope + offset)
    model = fit_trust(statistics_of(shown, clicks))
    assert np.abs(model.slope / model.slope[0] - slope / slope[0]).max() < 0.03
    left = model.irrelevant - offset
    shift = left @ model.slope / (model.slope @ model.slope)  # R -> R + shift moves offset by shift * slope
    assert np.abs(left - shift * model.slope).max() < 0.01


def test_where_nobody_trusts_there_is_no_offset() -> None:
    rng = np.random.default_rng(1)
    shown = rng.integers(20, 200, (300, 8, 4))
    examination = np.array([1.0, 0.6, 0.4, 0.25])
    clicks = rng.binomial(shown, rng.choice([0.02, 0.6], (300, 8, 1)) * examination)
    model = fit_trust(statistics_of(shown, clicks))
    assert np.abs(model.slope / model.slope[0] - examination).max() < 0.03
    assert (model.irrelevant < 0.05 * model.slope).all()
