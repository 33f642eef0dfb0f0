"""What estimates attraction in the M step: `fit_predict(features, target, weight) -> probability`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Floats = npt.NDArray[np.float64]
FitPredict = Callable[[Floats, Floats, Floats], Floats]
"""features [U, F], target [U] in [0, 1], weight [U] -> probability [U]; called once for each M step."""
_EDGE = 1e-6


@dataclass(frozen=True)
class PerPair:
    """One probability for each pair, shrunk to the mean: (w y + s m) / (w + s), m = sum w y / sum w; features unread.

    It makes regression-EM the EM of the position-based model, with a Beta prior of strength s.
    """

    strength: float = 2.0

    def __call__(self, features: Floats, target: Floats, weight: Floats) -> Floats:
        """The shrunk target [U]."""
        mean = (weight @ target) / max(weight.sum(), _EDGE)
        shrunk: Floats = (weight * target + self.strength * mean) / np.maximum(weight + self.strength, _EDGE)
        return np.clip(shrunk, _EDGE, 1 - _EDGE)


@dataclass
class Logistic:
    """sigmoid(b + x w) with w, b that maximise sum w_i [y_i ln p_i + (1 - y_i) ln(1 - p_i)] - ridge |w|^2 / 2.

    Newton's method, from the last M step's coefficients on: a few steps each time.
    """

    ridge: float = 1.0
    steps: int = 3
    _coefficients: Floats | None = field(default=None, repr=False)

    def __call__(self, features: Floats, target: Floats, weight: Floats) -> Floats:
        """The fitted probability [U]."""
        design = np.column_stack([np.ones(len(features)), features])
        at = np.zeros(design.shape[1]) if self._coefficients is None else self._coefficients
        penalty = np.full(len(at), self.ridge)
        penalty[0] = _EDGE
        for _ in range(self.steps):
            p = expit(design @ at)
            slope = design.T @ (weight * (target - p)) - penalty * at
            curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(penalty)
            step = np.linalg.solve(curvature, slope)
            at = at + step / max(1.0, float(np.abs(step).max()) / 5)  # far from the optimum a full step overshoots
        self._coefficients = at
        return np.clip(expit(design @ at), _EDGE, 1 - _EDGE)
