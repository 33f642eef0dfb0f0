"""Fitting P(click) = examination of the context * attraction of the pair, whatever the contexts are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.counting.statistics import Statistics
from benchmark.labels.clicks.models.fitting.priors import EDGE, Prior
from benchmark.labels.clicks.models.product.attraction import (
    Attraction,
    attraction_prior,
    log_likelihood,
    most_probable,
    with_deviation,
)
from benchmark.labels.clicks.models.product.em import expectation_maximisation
from benchmark.labels.clicks.models.product.harvest import harvest

Floats = npt.NDArray[np.float64]
Examination = Literal["harvest", "em"] | Floats
"""How examination is estimated (see `harvest` and `expectation_maximisation`), or its values [contexts]."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Examination [contexts], attraction of the pairs, steps taken, whether they converged, and the log-likelihood.

    `trace` holds what the steps maximise, before each cycle of them: it never decreases.
    """

    examination: Floats
    attraction: Attraction
    iterations: int
    converged: bool
    trace: tuple[float, ...]
    log_likelihood: float


def fit_product(
    statistics: Statistics,
    *,
    rank: npt.NDArray[np.integer],
    prior: Prior,
    examination: Examination,
    iterations: int,
    tolerance: float,
    pull: Floats | None = None,
    strength: float = 0.0,
) -> Fit:
    """Examination first, then the prior, then attraction; `rank` [contexts] is the rank of each context.

    `em` starts from the harvested examination and its prior, and maximises over examination and attraction at once.
    `pull` and `strength` are passed to `harvest`.
    """
    steps, converged = 0, True
    trace: tuple[float, ...] = ()
    if isinstance(examination, str):
        if examination not in ("harvest", "em"):
            raise ConfigurationError(f"examination {examination!r} is unknown; use 'harvest', 'em' or its values")
        known, found = harvest(statistics, pull=pull, strength=strength, iterations=iterations, tolerance=tolerance)
        steps, converged, trace = found.iterations, found.converged, found.trace
    else:
        known = np.asarray(examination, dtype=np.float64)
        if known.shape != (statistics.contexts,) or not ((known >= 0) & (known <= 1)).all():
            raise ConfigurationError(
                f"examination has shape {known.shape}; give {statistics.contexts} values between 0 and 1"
            )
        known = np.maximum(known, EDGE)
    beta = attraction_prior(statistics, known, rank, prior)
    rate = most_probable(statistics, known, beta)
    if isinstance(examination, str) and examination == "em":
        known, rate, found = expectation_maximisation(
            statistics, known, rate, beta, iterations=iterations, tolerance=tolerance
        )
        steps, converged, trace = found.iterations, found.converged, found.trace
    attraction = with_deviation(statistics, known, rate, beta)
    return Fit(known, attraction, steps, converged, trace, log_likelihood(statistics, known, rate))
