"""How much each context is examined, from pairs that were shown in several."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from benchmark.labels.clicks.models.counting.statistics import Statistics
from benchmark.labels.clicks.models.fitting.priors import EDGE
from benchmark.labels.clicks.models.fitting.squarem import FixedPoint, squarem

Floats = npt.NDArray[np.float64]


def harvest(
    statistics: Statistics,
    *,
    pull: Floats | None = None,
    strength: float = 0.0,
    iterations: int = 300,
    tolerance: float = 1e-10,
) -> tuple[Floats, FixedPoint]:
    """Examination g [contexts], g[0] = 1, where a pair p is clicked in context k with probability g_k a_p.

    Maximises sum_pk c_pk log(g_k a_p) - n_pk g_k a_p over g and every a_p, that is
    sum_k c_k log g_k - sum_p C_p log sum_k n_pk g_k with C_p = sum_k c_pk, by
    g_k <- c_k / sum_p (n_pk C_p / sum_j n_pj g_j). Only the expectation n g a of the clicks is assumed, and the a_p
    drop out, so the estimate is consistent however few impressions each pair has, and whatever the production ranker
    knows, as long as a pair's contexts do not depend on its own clicks. EM over g and a at once is not: with few
    impressions a pair, a follows the noise and g makes up for it, and one prior mean for all pairs hands the ranker's
    skill to the top ranks.

    `pull` [contexts] and `strength` s add s (pull_k log g_k - g_k), s expected clicks at examination `pull_k`, for
    contexts that are rare. Contexts that no pair links keep about the ratio of their click rates. No context is taken
    to be examined more than the first: estimates above 1 are cut there. Where a page is looked at elsewhere first, that
    is wrong; `propensities.all_pairs` tells, it cuts nothing.
    Sources: fixed-effects Poisson estimator, Wooldridge, Journal of Econometrics 90, 1999; harvesting of rank changes,
    Agarwal et al., WSDM 2019.
    """
    clicks = statistics.by_context(statistics.clicks)
    click_rate = clicks / np.maximum(statistics.by_context(statistics.impressions), 1)
    start = np.maximum(click_rate / max(click_rate[0], EDGE), EDGE)
    own = statistics.by_pair(statistics.clicks)
    clicked = np.flatnonzero(own > 0)  # the other pairs say nothing of examination
    shown = _matrix(statistics)[clicked]
    own = own[clicked]
    across = shown.T.tocsr()
    target = clicks if pull is None else clicks + strength * pull
    free = np.flatnonzero(target[1:] > 0) + 1
    examination = np.full(statistics.contexts, EDGE)
    examination[0] = 1.0

    def step(logs: Floats) -> tuple[Floats, float]:
        examination[free] = np.exp(logs)
        exposure = shown @ examination
        expected = across @ (own / exposure)
        objective = (target[free] * logs).sum() - own @ np.log(exposure) - strength * examination[free].sum()
        return np.log(target[free] / (expected[free] + strength)), float(objective)

    result = squarem(step, np.log(start[free]), iterations=iterations, tolerance=tolerance)
    examination[free] = np.clip(np.exp(result.parameters), EDGE, 1.0)
    return examination, result


def _matrix(statistics: Statistics) -> csr_array:
    """Impressions of pairs that occur x contexts."""
    ends = np.append(statistics.starts, len(statistics))
    shape = (len(statistics.pairs), statistics.contexts)
    return csr_array((statistics.impressions.astype(np.float64), statistics.context, ends), shape=shape)
