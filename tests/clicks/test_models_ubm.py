"""The user browsing model: its recursion, recovery, and its relation to the position-based model."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from model_logs import EXAMINATION, pbm_log, ubm_log

from benchmark.labels.clicks.models.counting.statistics import (
    last_click_context,
    last_click_statistics,
    ranks_of_last_click_contexts,
)
from benchmark.labels.clicks.models.fitting.priors import Prior
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.ubm import fit_ubm
from benchmark.labels.clicks.pages import Pages

GAMMA = np.array([[1.0, 0, 0, 0], [0.5, 0.8, 0, 0], [0.3, 0.5, 0.7, 0], [0.15, 0.2, 0.4, 0.6]])
FLAT = GAMMA[np.tril_indices(4)]


def draw(impressions: int, seed: int, queries: int = 50, skill: float = 0.0):
    rng = np.random.default_rng(seed)
    truth = rng.beta(1.5, 3, (queries, 8))
    return truth.ravel(), ubm_log(rng, impressions, truth, GAMMA, skill)


def test_contexts_are_numbered_by_rank_and_last_click() -> None:
    clicked = np.array([[0, 1, 0, 0], [1, 0, 0, 1]], bool)
    pages = Pages(np.zeros((2, 4), np.int32), clicked)
    assert last_click_context(pages).tolist() == [[0, 1, 5, 8], [0, 2, 4, 7]]
    assert ranks_of_last_click_contexts(3).tolist() == [1, 2, 2, 3, 3, 3]


def test_marginals_are_the_sum_over_all_click_patterns() -> None:
    """2^4 patterns of a page, each with the product of its conditionals, a short page among them."""
    _, log = draw(2000, 0)
    model = fit_ubm(log)
    pair = np.array([[3, 1, 6, 2], [9, 8, 12, -1]], np.int32)
    total, sums = np.zeros(2), np.zeros((2, 4))
    for pattern in product([False, True], repeat=4):
        clicked = np.array([pattern, pattern]) & (pair >= 0)
        if (clicked != np.array([pattern, pattern])).any():
            clicked[0] = pattern
        chance = model.conditional(Pages(pair, clicked))
        page = np.where(clicked, chance, 1 - chance).prod(axis=1)
        possible = (clicked == np.array([pattern, pattern])).all(axis=1)
        total += page * possible
        sums += clicked * (page * possible)[:, None]
    np.testing.assert_allclose(total, 1)
    np.testing.assert_allclose(model.marginal(Pages(pair, np.zeros((2, 4), bool))), sums, atol=1e-12)


def test_marginals_do_not_read_clicks() -> None:
    _, log = draw(2000, 0)
    model, page = fit_ubm(log), next(iter(log.pages()))
    np.testing.assert_array_equal(model.marginal(page), model.marginal(Pages(page.pair, ~page.clicked)))


def test_the_error_shrinks_as_one_over_root_n() -> None:
    errors = []
    for impressions in (4_000, 64_000):
        runs = []
        for seed in range(4):
            truth, log = draw(impressions, seed)
            model = fit_ubm(log)
            runs.append((((model.examination - FLAT) ** 2).mean(), ((model.attraction - truth) ** 2).mean()))
        errors.append(np.sqrt(np.mean(runs, axis=0)))
    assert (errors[1] < errors[0] / 2.5).all()


def test_examination_is_recovered_under_a_skilful_ranker_with_few_impressions_a_pair() -> None:
    fits = [fit_ubm(draw(12_000, seed, queries=1500, skill=5.0)[1]).examination for seed in range(8)]
    error = np.std(fits, axis=0)[1:] / np.sqrt(8)
    assert (np.abs(np.mean(fits, axis=0) - FLAT)[1:] < 4 * error + 0.01).all()


def test_on_a_position_based_log_the_last_click_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    log = pbm_log(rng, 60_000, rng.beta(1.5, 3, (50, 8)))
    model, position = fit_ubm(log), fit_pbm(log)
    expected = EXAMINATION[ranks_of_last_click_contexts(5) - 1]
    assert np.abs(model.examination - expected).max() < 0.06
    assert np.abs(model.attraction - position.attraction).max() < 0.02


def test_em_never_decreases_the_penalised_likelihood() -> None:
    _, log = draw(3000, 1)
    model = fit_ubm(log, examination="em", iterations=150, tolerance=0)
    assert (np.diff(model.trace) >= -1e-9 * abs(model.trace[0])).all()


def test_a_context_that_never_occurred_has_the_examination_of_its_rank() -> None:
    """No page has a click at ranks 1 and 4 only; it can still be foretold."""
    _, log = draw(3000, 2)
    statistics = last_click_statistics(log)
    gone = statistics.context == 7  # rank 4, last click at rank 1
    keep = {name: getattr(statistics, name)[~gone] for name in ("pair", "context", "impressions", "clicks")}
    model = fit_ubm(type(statistics)(log.pair_count, 4, 10, **keep))
    others = model.examination[[6, 8, 9]]
    assert others.min() < model.examination[7] < others.max()


def test_unseen_pairs_keep_the_prior_and_deviation_shrinks() -> None:
    truth, log = draw(2000, 3)
    wider = type(log)(log.pair, log.clicked, log.pair_count + 8)
    model = fit_ubm(wider, prior=Prior(0.4, 3.0))
    np.testing.assert_allclose(model.relevance[-8:], 0.4)
    np.testing.assert_allclose(model.deviation[-8:], np.sqrt(0.24 / 4))
    few, many = (fit_ubm(draw(n, 3)[1], prior=Prior(0.33, 3.0)).deviation.mean() for n in (8_000, 128_000))
    assert few / many == pytest.approx(4, rel=0.15)
    assert len(truth) == log.pair_count
