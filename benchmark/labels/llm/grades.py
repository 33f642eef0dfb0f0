"""Grades as a judge that tells their probabilities means them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

Floats = npt.NDArray[np.float64]


def shares(log_p: Floats) -> Floats:
    """P(grade) [m, G + 1] among the grades, from log P(answer): what the model gave to anything else is left out."""
    return np.asarray(softmax(log_p, axis=1))


def expected_grades(given: Floats, log_p: Floats) -> Floats:
    """sum_g g P(g) [m]; where no probabilities of several grades are told, the grade that was given [m]."""
    if log_p.shape[1] < 2:
        return given
    expected = shares(log_p) @ np.arange(log_p.shape[1])
    return np.where(np.isnan(expected), given, expected)
