from __future__ import annotations

import numpy as np
from chain_logs import Log, errors_shrink, log_likelihood, pages_of, simulated_clicks

from benchmark.labels.clicks.models.dbn import fit_dbn
from benchmark.labels.clicks.models.fitting.priors import Prior
from benchmark.labels.clicks.models.sdbn import fit_sdbn

ML = Prior(strength=0)
ATTRACTION = np.random.default_rng(1).uniform(0.1, 0.6, 40)
SATISFACTION = np.random.default_rng(2).uniform(0.2, 0.8, 40)


def draw(rng: np.random.Generator, size: int, satisfaction=SATISFACTION) -> Log:
    pair = pages_of(rng, size, 40, 5)
    return Log(pair, simulated_clicks(rng, pair, ATTRACTION, 1.0, 1 - satisfaction), 40)


def test_closed_form() -> None:
    """Above the last click 0 is examined twice, 1 once, 2 twice; the third page has no click and is read to its end."""
    pair = np.array([[0, 1, 2], [2, 0, 1], [0, 2, -1]], np.int32)
    clicked = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    model = fit_sdbn(Log(pair, clicked, 3), prior=ML)
    assert np.allclose(model.attraction, [1 / 2, 1, 1 / 2], atol=1e-8)
    assert np.allclose(model.satisfaction, [0, 1, 1], atol=1e-8)
    assert model.perseverance == 1
    shrunk = fit_sdbn(Log(pair, clicked, 3), prior=Prior(0.5, 2), satisfaction_prior=Prior(0.5, 4))
    assert np.allclose(shrunk.attraction, [2 / 4, 2 / 3, 2 / 4])
    assert np.allclose(shrunk.satisfaction, [2 / 5, 3 / 5, 3 / 5])


def test_where_every_click_satisfies_it_is_exact() -> None:
    log = draw(np.random.default_rng(3), 32000, satisfaction=np.ones(40))
    assert np.abs(fit_sdbn(log, prior=ML).attraction - ATTRACTION).max() < 0.05
    errors_shrink(
        lambda x: fit_sdbn(x, prior=ML).attraction,
        ATTRACTION,
        np.random.default_rng(4),
        lambda rng, size: draw(rng, size, np.ones(40)),
    )


def test_elsewhere_the_exact_likelihood_recovers_and_the_closed_form_is_too_high() -> None:
    log = draw(np.random.default_rng(5), 40000)
    closed, exact = fit_sdbn(log), fit_dbn(log, perseverance=1.0)
    assert exact.perseverance == 1
    assert np.abs(exact.attraction - ATTRACTION).max() < 0.05
    assert np.mean(closed.attraction - ATTRACTION) > 0.01
    assert np.mean(closed.satisfaction - SATISFACTION) > 0.05
    assert log_likelihood(exact, log) > log_likelihood(closed, log)
