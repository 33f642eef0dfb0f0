"""The user browsing model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.counting.statistics import (
    Statistics,
    last_click_context,
    last_click_statistics,
    over_ranks,
    ranks_of_last_click_contexts,
)
from benchmark.labels.clicks.models.fitting.priors import ESTIMATED, Beta, Prior
from benchmark.labels.clicks.models.fitting.probabilities import of_pairs, within
from benchmark.labels.clicks.models.product.fit import Examination, fit_product
from benchmark.labels.clicks.models.product.harvest import harvest
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UserBrowsingModel:
    """P(click on d for q at rank k | last click above at j) = gamma_kj alpha_qd; j = 0: none; gamma_10 = 1.

    `examination` gamma [K (K + 1) / 2], numbered as by `last_click_context`; `attraction` alpha [P] and its posterior
    `deviation` [P] under `prior`. `iterations` were taken, `converged` or not; `log_likelihood` is that of the log.
    Source: Dupret & Piwowarski, SIGIR 2008.
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
        """gamma_kj alpha [I, K], j the rank of the last click above."""
        return within(of_pairs(self.attraction, pages) * self.examination[last_click_context(pages)], pages)

    def marginal(self, pages: Pages) -> Floats:
        """P(c_k = 1) [I, K], summed over the last click above: with s_kj = P(the last click above rank k is at j),

        P(c_k) = sum_j s_kj gamma_kj alpha_k; s_(k+1)j = s_kj (1 - gamma_kj alpha_k) for j < k; s_(k+1)k = P(c_k).
        """
        attraction = of_pairs(self.attraction, pages).T.copy()
        size, count = attraction.shape
        clicked = np.zeros((size, count))
        last = np.zeros((size + 1, count))  # s, a row for each j
        last[0] = 1.0
        for k in range(1, size + 1):
            start = k * (k - 1) // 2
            click = self.examination[start : start + k, None] * attraction[k - 1]
            click *= last[:k]  # P(last click above at j, and a click at k)
            last[:k] -= click
            last[k] = clicked[k - 1] = click.sum(axis=0)
        return within(clicked.T, pages)


def fit_ubm(
    source: PageSource | Statistics,
    *,
    prior: Prior = ESTIMATED,
    examination: Examination = "harvest",
    context_strength: float = 1.0,
    iterations: int = 500,
    tolerance: float = 1e-10,
) -> UserBrowsingModel:
    """Fit to a log, or to its `last_click_statistics`; `examination`, `prior`, `tolerance` as of `fit_pbm`.

    Many contexts are rare (a last click far above): each is drawn to the examination of its rank, whatever was clicked
    above, with the weight of `context_strength` expected clicks.
    """
    statistics = source if isinstance(source, Statistics) else last_click_statistics(source)
    rank = ranks_of_last_click_contexts(statistics.page_size)
    pull = None
    if isinstance(examination, str) and context_strength > 0:
        pull = harvest(over_ranks(statistics), iterations=iterations, tolerance=tolerance)[0][rank - 1]
    fit = fit_product(
        statistics,
        rank=rank,
        prior=prior,
        examination=examination,
        iterations=iterations,
        tolerance=tolerance,
        pull=pull,
        strength=context_strength if pull is not None else 0.0,
    )
    return UserBrowsingModel(
        fit.examination,
        fit.attraction.mean,
        fit.attraction.deviation,
        fit.attraction.prior,
        fit.iterations,
        fit.converged,
        fit.trace,
        fit.log_likelihood,
    )
