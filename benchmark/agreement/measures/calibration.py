"""Does a probability of relevance mean what it says?"""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats, ratio

BINS = 10


def reliability_sums(probability: Floats, relevant: Floats, bins: int = BINS) -> Floats:
    """(n, sum p, sum y) [Q, bins, 3] of documents whose probability lies in [b / bins, (b + 1) / bins), 1 in the last.

    `probability`, `relevant` (1 or 0) [Q, L]; NaN does not count. Raises `ValueError` for a probability beyond [0, 1].
    """
    query, document = np.nonzero(~np.isnan(probability) & ~np.isnan(relevant))
    p, y = probability[query, document], relevant[query, document]
    if ((p < 0) | (p > 1)).any():
        raise ValueError("a probability is not between 0 and 1")
    cell = query * bins + np.minimum((p * bins).astype(np.int64), bins - 1)
    size = len(probability) * bins
    sums = [np.bincount(cell, weight, minlength=size) for weight in (np.ones_like(p), p, y)]
    return np.stack(sums, axis=-1).reshape(-1, bins, 3).astype(np.float64)


def expected_calibration_error(sums: Floats) -> Floats:
    """ECE = sum_b |sum p - sum y| / n [...] of `reliability_sums` [..., bins, 3]. Naeini et al., AAAI 2015."""
    return ratio(np.abs(sums[..., 1] - sums[..., 2]).sum(axis=-1), sums[..., 0].sum(axis=-1))


def brier_sums(probability: Floats, relevant: Floats) -> Floats:
    """(sum (p - y)^2, n) [Q, 2]; their quotient is the Brier score (Brier, Monthly Weather Review 78, 1950)."""
    known = ~np.isnan(probability) & ~np.isnan(relevant)
    squares = np.where(known, (probability - relevant) ** 2, 0.0)
    return np.stack([squares.sum(axis=1), known.sum(axis=1).astype(np.float64)], axis=1)
