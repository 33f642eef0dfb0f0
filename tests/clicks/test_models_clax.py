"""Maximum likelihood by EM and by CLAX's gradients: two ways to one maximum, so held-out likelihoods agree."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "speed"))

from array_log import ArrayLog
from clax_process import MISSING, PYTHON, train_clax
from held_out import log_likelihood
from simulated_world import World

from benchmark.labels.clicks.models.cascade import fit_cascade
from benchmark.labels.clicks.models.ccm import fit_ccm
from benchmark.labels.clicks.models.dbn import fit_dbn
from benchmark.labels.clicks.models.dcm import fit_dcm
from benchmark.labels.clicks.models.fitting.priors import Prior
from benchmark.labels.clicks.models.model import ClickModel
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.ubm import fit_ubm
from benchmark.labels.clicks.pages import PageSource

FLAT = Prior(strength=0.0)
FITS: dict[str, Callable[[PageSource], ClickModel]] = {
    "PBM": lambda log: fit_pbm(log, prior=FLAT, examination="em"),
    "UBM": lambda log: fit_ubm(log, prior=FLAT, examination="em"),
    "cascade": lambda log: fit_cascade(log, prior=FLAT),
    "DCM": lambda log: fit_dcm(log, prior=FLAT),
    "CCM": lambda log: fit_ccm(log, prior=FLAT),
    "DBN": lambda log: fit_dbn(log, prior=FLAT),
    "SDBN": lambda log: fit_dbn(log, prior=FLAT, perseverance=1.0),
}

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PYTHON.exists(), reason=MISSING)]


@pytest.mark.parametrize("model", FITS)
def test_the_maximum_is_that_of_clax(model: str) -> None:
    world = World(queries=100, candidates=10, zipf=0.5, seed=3)
    log, held = world.log(model, 200_000, 0), world.log(model, 50_000, 1)
    ours = FITS[model](ArrayLog(*log, world.pair_count, world.candidates))
    probability = [ours.conditional(p) for p in ArrayLog(*held, world.pair_count, world.candidates).pages()]
    (clax,) = train_clax(model, log, held, world.pair_count, ["0.01:1024:0.0"], epochs=12, patience=12)
    assert log_likelihood(np.concatenate(probability), held[1]) == pytest.approx(clax.trace[-1][1], abs=1e-3)


def test_the_cascade_of_clax_is_no_likelihood() -> None:
    """Its P(click at k | no click above) is P(click at k); so its likelihood is lower than that of the same model."""
    world = World(queries=100, candidates=10, zipf=0.5, seed=3)
    log, held = world.log("cascade", 100_000, 0), world.log("cascade", 50_000, 1)
    parts, own = (
        train_clax(name, log, held, world.pair_count, ["0.03:2048:0.0"], epochs=5)[0].best
        for name in ("cascade", "cascade-own")
    )
    assert own < parts - 0.01
