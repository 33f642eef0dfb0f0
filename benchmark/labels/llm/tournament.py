"""From preferences between pairs of documents to a strength of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PRIOR = 0.5
"""Wins, and as many losses, of each document against one of average strength: no strength is then without bounds."""


def strengths(compared: Floats, *, prior: float = PRIOR, tolerance: float = 1e-9, iterations: int = 10_000) -> Floats:
    """Log strengths b [n, L] of the Bradley-Terry model, P(i before j) = e^b_i / (e^b_i + e^b_j); NaN without a pair.

    `compared` [n, L, L, 2]: preferences p_ij and how often each pair was compared (see `preferences`). Maximises
    sum_ij n_ij p_ij log P(i before j) plus `prior` wins and losses of each document against one of strength 1. Found by
    minorisation: e^b_i = (w_i + prior) / (sum_j n_ij / (e^b_i + e^b_j) + 2 prior / (e^b_i + 1)), w_i = sum_j n_ij p_ij.
    Source: Hunter, MM algorithms for generalized Bradley-Terry models, Annals of Statistics 32, 2004, section 2.
    """
    preference, count = np.moveaxis(np.asarray(compared, dtype=np.float64), -1, 0)
    wins = (preference * count).sum(axis=2) + prior
    strength = np.ones(wins.shape)
    for _ in range(iterations):
        together = strength[:, :, None] + strength[:, None, :]
        better = wins / ((count / together).sum(axis=2) + 2 * prior / (strength + 1))
        change = float(np.max(np.abs(np.log(better) - np.log(strength)), initial=0.0))
        strength = better
        if change < tolerance:
            break
    return np.where(count.sum(axis=2) > 0, np.log(strength), np.nan)
