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

from benchmark.labels.clicks.models.cascade import fit_cascade
from benchmark.labels.clicks.models.chain.counts import chain_counts
from benchmark.labels.clicks.models.chain.forest import forest
from benchmark.labels.clicks.models.chain.tails import chain_tails
from benchmark.labels.clicks.models.dcm import DcmSeen, DependentClickModel, fit_dcm, fit_dcm_closed_form
from benchmark.labels.clicks.models.fitting.priors import Prior
from benchmark.labels.clicks.pages import Pages

A = np.array([0.3, 0.7, 0.45])
LAMBDA = np.array([0.8, 0.5, 0.3])
ML = Prior(strength=0)


def draw(rng: np.random.Generator, size: int, pairs: int = 40, short: bool = False) -> Log:
    attraction = np.random.default_rng(1).uniform(0.1, 0.6, pairs)
    pair = pages_of(rng, size, pairs, 5, short=short)
    after = np.repeat(np.linspace(0.9, 0.5, 5)[:, None], pairs, axis=1)
    return Log(pair, simulated_clicks(rng, pair, attraction, 1.0, after), pairs)


def test_it_is_the_sum_over_hidden_states() -> None:
    model = DependentClickModel(A, A, LAMBDA, 0, True)
    assert_model_is(model, lambda rank, pair: (A[pair], LAMBDA[rank]), lambda clicked, coins: coins[1] or not clicked)


def test_likelihood_and_expectations_of_the_statistics() -> None:
    rng = np.random.default_rng(0)
    log = draw(rng, 150, pairs=7, short=True)
    counts = chain_counts(log)
    tails = forest(log, counts)
    at = rng.uniform(0.2, 0.8, 7 + 5)
    model = DependentClickModel(at[:7], at[:7], at[7:], 0, True)
    assert np.isclose(DcmSeen(counts, tails, at).log_likelihood(), log_likelihood(model, log))
    assert_expectations_are_slopes(lambda x: DcmSeen(counts, tails, x), at, 1, 7)
    assert_others_climb(lambda x: DcmSeen(counts, tails, x), at, 5)


def test_pages_shorter_than_those_of_the_log_are_foretold() -> None:
    model = DependentClickModel(np.full(4, 0.5), np.zeros(4), np.array([0.4, 0.6, 0.8, 0.5]), 0, True)
    long, short = (Pages(np.arange(4, dtype=np.int32)[None, :k], np.ones((1, k), bool)) for k in (4, 3))
    np.testing.assert_allclose(model.conditional(short), model.conditional(long)[:, :3])


def test_closed_form() -> None:
    pair = np.array([[0, 1, 2], [0, 1, 2], [2, 1, -1]], np.int32)
    clicked = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]], bool)
    model = fit_dcm_closed_form(Log(pair, clicked, 3), prior=ML)
    assert np.allclose(model.attraction, [1 / 2, 2 / 3, 0], atol=1e-8)
    assert np.allclose(model.continuation, [1, 0, 0])


def test_no_continuation_is_the_cascade_model() -> None:
    """Where each page has at most one click, the likelihood says that nobody goes on after a click."""
    rng = np.random.default_rng(3)
    attraction = rng.uniform(0.1, 0.6, 10)
    pair = pages_of(rng, 20000, 10, 5)
    log = Log(pair, simulated_clicks(rng, pair, attraction, 1.0, 0.0), 10)
    model, cascade = fit_dcm(log, prior=ML), fit_cascade(log, prior=ML)
    assert (model.continuation < 1e-3).all()
    assert np.allclose(model.attraction, cascade.attraction, atol=1e-3)
    assert np.isclose(log_likelihood(model, log), log_likelihood(cascade, log), rtol=1e-5)


def test_pages_of_more_than_128_documents() -> None:
    """Queries whose one click is at place 150: nobody went on from there, and the last 49 were not seen."""
    pair = np.arange(600, dtype=np.int32).reshape(3, 200).repeat(20, axis=0)
    clicked = np.zeros(pair.shape, bool)
    clicked[:, 150] = True
    model = fit_dcm(Log(pair, clicked, 600, candidates=200), prior=ML)
    assert np.isclose(model.continuation[150], 0, atol=1e-6)
    seen = np.tile(np.arange(200) <= 150, 3)
    assert np.allclose(model.attraction[seen], clicked[::20].ravel()[seen], atol=1e-6)


@pytest.mark.parametrize("size", [129, 130, 200])
def test_a_tail_knows_the_place_of_its_click(size: int) -> None:
    pair = np.arange(size, dtype=np.int32)[None]
    clicked = np.arange(size)[None] == size - 2
    (tails,) = chain_tails(Log(pair, clicked, size), np.array([0, size]))
    assert tails.last.tolist() == [size - 2]
    assert tails.pair[0, size - 2 :].tolist() == [size - 2, size - 1] and (tails.pair[0, : size - 2] == -1).all()


def test_the_exact_fit_is_likelier_than_the_closed_form() -> None:
    log = draw(np.random.default_rng(4), 4000)
    assert log_likelihood(fit_dcm(log, prior=ML), log) > log_likelihood(fit_dcm_closed_form(log, prior=ML), log)


def test_recovery() -> None:
    truth = np.append(np.random.default_rng(1).uniform(0.1, 0.6, 40), np.linspace(0.9, 0.5, 5)[:4])

    def fit(log: Log):
        model = fit_dcm(log)
        return np.append(model.attraction, model.continuation[:4])

    errors_shrink(fit, truth, np.random.default_rng(5), draw)
    model = fit_dcm(draw(np.random.default_rng(6), 4000))
    assert model.converged
    assert 0.75 < np.std((model.attraction - truth[:40]) / model.deviation) < 1.3


@pytest.mark.parametrize("block", [37, 5000])
def test_order_and_blocks_change_nothing(block: int) -> None:
    log = draw(np.random.default_rng(7), 3000, short=True)
    one, other = fit_dcm(log), fit_dcm(log.shuffled(1, block))
    assert np.allclose(one.attraction, other.attraction, atol=1e-9)
    assert np.allclose(one.deviation, other.deviation, atol=1e-9)
