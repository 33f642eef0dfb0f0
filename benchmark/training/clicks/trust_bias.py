"""Trust bias by rank, estimated from the log: how clicks rise with relevance, and how many come without it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.log import ImpressionLog
from benchmark.training.view import TrainingView

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrustBias:
    """P(click | pair of relevance R at rank k) = `slope`[k] R + `offset`[k]; both [K]."""

    slope: Floats
    offset: Floats


def estimated_trust_bias(view: TrainingView) -> TrustBias:
    """The trust bias of the view's whole log, by `fit_trust_bias`."""
    return _trust_bias(view.log)


def fit_trust_bias(
    impressions: npt.NDArray[np.number],
    clicks: npt.NDArray[np.number],
    *,
    prior_strength: float = 2.0,
    iterations: int = 150,
    tolerance: float = 1e-4,
) -> TrustBias:
    """Fit P(click) = u_k R + v_k (1 - R) to counts [Q, L, K] by expectation maximisation; slope u - v, offset v.

    E: an impression was relevant with probability R u / (R u + v (1 - R)) if clicked, else R (1 - u) over the sum. M: u
    and v are click rates of relevant and irrelevant impressions; R is a pair's mean, shrunk to the mean of all by a
    Beta prior of `prior_strength`. u and v are told by clicks only up to R -> a R + b, which changes no order; v starts
    at a quarter of the click rate of the rank, u at three times it. Source: Agarwal et al., Addressing Trust Bias for
    Unbiased Learning-to-Rank, WWW 2019.
    """
    ranks = impressions.shape[-1]
    pairs, rank = np.nonzero(impressions.reshape(-1, ranks))
    shown = impressions.reshape(-1, ranks)[pairs, rank].astype(np.float64)
    clicked = clicks.reshape(-1, ranks)[pairs, rank].astype(np.float64)
    _, pair = np.unique(pairs, return_inverse=True)
    by_pair, by_rank = np.bincount(pair, shown), np.maximum(np.bincount(rank, shown, minlength=ranks), 1)
    rate = np.clip(np.bincount(rank, clicked, minlength=ranks) / by_rank, 1e-6, 0.3)
    relevant_rate, other_rate = 3 * rate, rate / 4
    relevance = np.full(len(by_pair), 0.25)
    for _ in range(iterations):
        r, u, v = relevance[pair], relevant_rate[rank], other_rate[rank]
        of_clicked = clicked * r * u / (r * u + (1 - r) * v)
        of_missed = (shown - clicked) * r * (1 - u) / (r * (1 - u) + (1 - r) * (1 - v))
        relevant = of_clicked + of_missed
        total = np.bincount(pair, relevant)
        relevance = (total + prior_strength * total.sum() / by_pair.sum()) / (by_pair + prior_strength)
        updated = [
            np.clip(np.bincount(rank, part, minlength=ranks) / np.maximum(whole, 1e-9), 1e-6, 1 - 1e-6)
            for part, whole in (
                (of_clicked, np.bincount(rank, relevant, minlength=ranks)),
                (clicked - of_clicked, np.bincount(rank, shown - relevant, minlength=ranks)),
            )
        ]
        change = max(np.abs(updated[0] - relevant_rate).max(), np.abs(updated[1] - other_rate).max())
        relevant_rate, other_rate = updated
        if change < tolerance:
            break
    return TrustBias(np.maximum(relevant_rate - other_rate, 1e-6), other_rate)


@lru_cache(maxsize=8)
def _trust_bias(log: ImpressionLog) -> TrustBias:
    return fit_trust_bias(*log.counts())
