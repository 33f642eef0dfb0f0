"""The ranking half of dual learning: relevance of each pair within its query, from clicks weighted by examination."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmark.labels.clicks.propensities.counts import RankCounts

Floats = npt.NDArray[np.float64]
Scorer = Callable[[RankCounts, Floats, Floats], Floats]
"""counts, features [U, F], weighted clicks y [U] -> relevance [U] above 0, told up to a factor for each query."""
_EDGE = 1e-9


@dataclass(frozen=True)
class PairScores:
    """A score of its own for each pair: r = (y + s m_q) / (n + s), m_q = sum y / sum n of its query; features unread.

    With s = 0, the default, it minimises - sum_p y_p ln(n_p r_p / sum n r) over the pairs of each query.
    """

    strength: float = 0.0

    def __call__(self, counts: RankCounts, features: Floats, weighted: Floats) -> Floats:
        """Relevance [U]."""
        shown = counts.by_pair(counts.shown)
        mean = counts.by_query(weighted) / np.maximum(counts.by_query(shown), _EDGE)
        relevance = (weighted + self.strength * mean[counts.query]) / np.maximum(shown + self.strength, _EDGE)
        return np.maximum(relevance, _EDGE)


@dataclass
class LinearScores:
    """r = exp(x w) with w that minimises - sum_p y_p ln(n_p r_p / sum_q n r) / sum y + ridge |w|^2 / 2.

    n, how often a pair was shown, stands in the softmax because counts of many pages are read as one list.
    """

    ridge: float = 1e-4
    _weights: Floats | None = field(default=None, repr=False)

    def __call__(self, counts: RankCounts, features: Floats, weighted: Floats) -> Floats:
        """Relevance [U]."""
        shown = counts.by_pair(counts.shown)
        clicks = counts.by_query(weighted)
        total = max(float(weighted.sum()), _EDGE)

        def loss(w: Floats) -> tuple[float, Floats]:
            relevance, scores = self._relevance(features, w, counts)
            mass = np.maximum(counts.by_query(shown * relevance), _EDGE)
            expected = (clicks / mass)[counts.query] * shown * relevance
            value = -(weighted @ scores - clicks @ np.log(mass)) / total + self.ridge * (w @ w) / 2
            return float(value), features.T @ (expected - weighted) / total + self.ridge * w

        start = np.zeros(features.shape[1]) if self._weights is None else self._weights
        self._weights = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 25}).x
        return self._relevance(features, self._weights, counts)[0]

    def _relevance(self, features: Floats, w: Floats, counts: RankCounts) -> tuple[Floats, Floats]:
        scores = features @ w
        scores = scores - _largest(scores, counts)  # a factor for each query is free: no exponential overflows
        return np.exp(scores), scores


def _largest(scores: Floats, counts: RankCounts) -> Floats:
    starts = np.flatnonzero(np.diff(counts.query, prepend=-1))
    largest: Floats = np.maximum.reduceat(scores, starts)[counts.query]
    return largest
