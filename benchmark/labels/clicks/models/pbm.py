"""The position-based model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.counting.statistics import Statistics, rank_statistics
from benchmark.labels.clicks.models.fitting.priors import ESTIMATED, Beta, Prior
from benchmark.labels.clicks.models.fitting.probabilities import of_pairs, within
from benchmark.labels.clicks.models.product.fit import Examination, fit_product
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PositionBasedModel:
    """P(click on d for q at rank k) = theta_k alpha_qd, theta_1 = 1: clicks on a page are independent of each other.

    `examination` theta [K], `attraction` alpha [P] and its posterior `deviation` [P] under `prior`. `iterations` were
    taken, `converged` or not; `log_likelihood` is that of the log. Sources: Richardson et al., WWW 2007; Craswell et
    al., WSDM 2008.
    """

    examination: Floats
    attraction: Floats
    deviation: Floats
    prior: Beta
    iterations: int
    converged: bool
    trace: tuple[float, ...]
    log_likelihood: float

    @property
    def relevance(self) -> Floats:
        """Attraction [P]."""
        return self.attraction

    def conditional(self, pages: Pages) -> Floats:
        """theta_k alpha [I, K]: what was clicked above does not matter."""
        return self.marginal(pages)

    def marginal(self, pages: Pages) -> Floats:
        """theta_k alpha [I, K]."""
        return within(of_pairs(self.attraction, pages) * self.examination[: pages.pair.shape[1]], pages)


def fit_pbm(
    source: PageSource | Statistics,
    *,
    prior: Prior = ESTIMATED,
    examination: Examination = "harvest",
    iterations: int = 500,
    tolerance: float = 1e-10,
) -> PositionBasedModel:
    """Fit to a log, or to its `rank_statistics`.

    `examination`: `harvest`, from pairs shown at several ranks (see `harvest`: consistent, the default); `em`, by
    expectation maximisation together with attraction; or known values [K]. `prior`: what is fixed of the Beta prior of
    attraction (see `Prior`). Stops when an iteration gains less than `tolerance` of the log-likelihood.
    """
    statistics = source if isinstance(source, Statistics) else rank_statistics(source)
    fit = fit_product(
        statistics,
        rank=np.arange(1, statistics.contexts + 1),
        prior=prior,
        examination=examination,
        iterations=iterations,
        tolerance=tolerance,
    )
    return PositionBasedModel(
        fit.examination,
        fit.attraction.mean,
        fit.attraction.deviation,
        fit.attraction.prior,
        fit.iterations,
        fit.converged,
        fit.trace,
        fit.log_likelihood,
    )
