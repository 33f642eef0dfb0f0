"""Cohen's kappa: agreement of two raters beyond what their habits alone would give."""

from __future__ import annotations

from typing import Literal

import numpy as np

from benchmark.agreement.arrays import Floats, ratio

Weights = Literal["nominal", "linear", "quadratic"]


def disagreement(size: int, weights: Weights) -> Floats:
    """w_ij [k, k]: how bad it is that one rater says i and the other j, from 0 to 1.

    nominal [i != j], linear |i - j| / (k - 1), quadratic ((i - j) / (k - 1))^2.
    """
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))).astype(np.float64)
    if weights == "nominal":
        return (apart > 0).astype(np.float64)
    scaled = apart / max(size - 1, 1)
    return scaled if weights == "linear" else scaled**2


def cohen_kappa(counts: Floats, weights: Weights = "nominal") -> Floats:
    """kappa = 1 - sum w_ij n_ij / sum w_ij n_i. n_.j / n [...] of confusion counts [..., k, k].

    1: always equal; 0: as often as raters with the same habits would agree by chance. NaN where chance cannot disagree
    (both always gave one and the same category). Cohen, Educ. Psychol. Meas. 20 (1960); weighted: Cohen, Psychol. Bull.
    70 (1968).
    """
    weight = disagreement(counts.shape[-1], weights)
    rows, columns = counts.sum(axis=-1), counts.sum(axis=-2)
    expected = np.einsum("...i,ij,...j->...", rows, weight, columns)
    return 1 - ratio((counts * weight).sum(axis=(-2, -1)) * counts.sum(axis=(-2, -1)), expected)
