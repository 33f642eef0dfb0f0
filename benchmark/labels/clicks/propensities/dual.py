"""Dual learning: clicks weighted by examination teach relevance, clicks weighted by relevance teach examination."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.propensities.bootstrap import FEW_DRAWS, interval, refitted
from benchmark.labels.clicks.propensities.counts import RankCounts
from benchmark.labels.clicks.propensities.propensities import Propensities
from benchmark.labels.clicks.propensities.regression_em import features_of
from benchmark.labels.clicks.propensities.scorers import LinearScores, PairScores, Scorer

Floats = npt.NDArray[np.float64]
_EDGE = 1e-9


def dual_learning(
    counts: RankCounts,
    features: Floats | None = None,
    scorer: Scorer | None = None,
    *,
    largest: float = 10.0,
    iterations: int = 200,
    tolerance: float = 1e-5,
    draws: int = FEW_DRAWS,
    seed: int = 0,
) -> Propensities:
    """Examination [K] and relevance r, in turn, on counts:

        r <- `scorer` of y_p = sum_k c_pk / e_k        e_k <- sum_p c_pk w_p / sum_p n_pk w_p r_p,  w_p = R_q / r_p

    then e / e_1; R_q is the mean relevance of what the query shows at rank 1, and w is cut at `largest`. The second is
    what minimises the softmax loss of examination over ranks with clicks weighted by r_1 / r_k; the first is the same
    for documents. `scorer` is `PairScores` without features [P, F], `LinearScores` with them. Scores of pairs
    that were hardly shown bias examination: use features, or `all_pairs`. Source: Ai et al., Unbiased Learning to Rank
    with Unbiased Propensity Estimation, SIGIR 2018; there by gradient on pages, here exactly on counts.
    Raises `DataError` when the features are not of this log's pairs, and for a log without a click at rank 1.
    """
    counts.require_first_click()
    x = features_of(counts, features)
    score = scorer or (PairScores() if features is None else LinearScores())
    whole = _fit(counts, x, score, np.ones(counts.ranks), largest, iterations, tolerance)
    resampled = refitted(
        counts, lambda part: _fit(part, x, score, whole, largest, iterations, 10 * tolerance), draws, seed
    )
    return Propensities("dual-learning", whole, *interval(whole, resampled), int(counts.shown.sum()))


def _fit(
    counts: RankCounts,
    features: Floats,
    score: Scorer,
    examination: Floats,
    largest: float,
    iterations: int,
    tolerance: float,
) -> Floats:
    at_first = counts.by_pair(np.where(counts.rank == 0, counts.shown, 0.0))
    query_first = np.maximum(counts.by_query(at_first), _EDGE)
    for _ in range(iterations):
        weighted = counts.by_pair(counts.clicks / np.maximum(examination, _EDGE)[counts.rank])
        relevance = score(counts, features, weighted)
        top = counts.by_query(at_first * relevance) / query_first
        weight = np.minimum(top[counts.query] / relevance, largest)
        over = counts.by_rank(counts.clicks * weight[counts.pair])
        under = counts.by_rank(counts.shown * (weight * relevance)[counts.pair])
        updated = over / np.maximum(under, _EDGE)
        updated = np.maximum(updated / max(updated[0], _EDGE), _EDGE)
        change = np.abs(updated - examination).max()
        examination = updated
        if change < tolerance:
            break
    return examination
