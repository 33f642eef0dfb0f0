"""The one definition of held-out log-likelihood, for both sides of a comparison; numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

EDGE = 1e-9


def log_likelihood(probability: npt.NDArray[np.floating], clicked: npt.NDArray[np.bool_]) -> float:
    """mean over documents of log P(c_k | c_1 .. c_{k-1}), from P(c_k = 1 | ...) [I, K], kept in [EDGE, 1 - EDGE]."""
    p = np.clip(probability.astype(np.float64), EDGE, 1 - EDGE)
    return float(np.log(np.where(clicked, p, 1 - p)).mean())
