from __future__ import annotations

import numpy as np
from chain_logs import Log, assert_model_is, errors_shrink, pages_of, simulated_clicks
from hypothesis import given
from hypothesis import strategies as st

from benchmark.labels.clicks.models.cascade import CascadeModel, fit_cascade
from benchmark.labels.clicks.models.fitting.priors import EDGE, Prior
from benchmark.labels.clicks.pages import Pages

A = np.array([0.3, 0.7, 0.45])
ML = Prior(strength=0)


def test_it_is_the_sum_over_hidden_states() -> None:
    assert_model_is(CascadeModel(A, A), lambda rank, pair: (A[pair],), lambda clicked, coins: not clicked)


def test_closed_form() -> None:
    """Pair 0 was examined three times and clicked once, pair 1 once and once, pair 2 never."""
    pair = np.array([[0, 1, 2], [0, 1, 2], [0, -1, -1]], np.int32)
    clicked = np.array([[0, 1, 1], [1, 0, 0], [0, 0, 0]], bool)
    model = fit_cascade(Log(pair, clicked, 4), prior=ML)
    assert np.allclose(model.attraction, [1 / 3, 1 / 1, 2 / 4, 2 / 4], atol=1e-8)
    shrunk = fit_cascade(Log(pair, clicked, 4), prior=Prior(mean=0.2, strength=5))
    assert np.allclose(shrunk.attraction, [(1 + 1) / (3 + 5), (1 + 1) / (1 + 5), 0.2, 0.2])
    assert np.allclose(shrunk.deviation[3], np.sqrt(0.2 * 0.8 / 6))


def test_a_second_click_has_the_least_probability() -> None:
    pages = Pages(np.array([[0, 1, 2]], np.int32), np.array([[False, True, True]]))
    assert CascadeModel(A, A).conditional(pages)[0, 2] == EDGE


@given(st.integers(0, 30))
def test_counts_equal_a_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pair = pages_of(rng, 30, 6, 4, short=True)
    clicked = (rng.random(pair.shape) < 0.3) & (pair >= 0)
    clicks, examined = np.zeros(6), np.zeros(6)
    for page, marks in zip(pair, clicked, strict=True):
        for document, click in zip(page, marks, strict=True):
            if document < 0:
                break
            examined[document] += 1
            clicks[document] += click
            if click:
                break
    model = fit_cascade(Log(pair, clicked, 6, block=7), prior=Prior(mean=0.5, strength=2))
    assert np.allclose(model.attraction, (clicks + 1) / (examined + 2))


def test_recovery() -> None:
    truth = np.random.default_rng(1).uniform(0.1, 0.6, 60)

    def draw(rng: np.random.Generator, size: int) -> Log:
        pair = pages_of(rng, size, 60, 5)
        return Log(pair, simulated_clicks(rng, pair, truth, 1.0, 0.0), 60)

    errors_shrink(lambda log: fit_cascade(log).attraction, truth, np.random.default_rng(2), draw)
    model = fit_cascade(draw(np.random.default_rng(3), 4000))
    assert 0.8 < np.std((model.attraction - truth) / model.deviation) < 1.25
