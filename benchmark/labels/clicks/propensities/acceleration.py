"""Fewer steps to a fixed point whose objective is not known, such as EM with any regressor in its M step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_LONGEST = 256.0
_BOUND = 15.0  # logits beyond are probabilities of 0 and 1


def fixed_point(
    step: Callable[[Floats], Floats], start: Floats, head: int, *, iterations: int, tolerance: float
) -> Floats:
    """x with x = F(x) for logits x, by squared extrapolation: x - 2 a r + a^2 v, with r = F(x) - x and
    v = F(F(x)) - F(x) - r, a = -|r| / |v|, norms over the first `head` entries.

    A leap whose next residual is twice the last one is undone, to F(F(x)). Stops when no probability moves by
    `tolerance`, or after `iterations` applications of F. Source: Varadhan & Roland, Scandinavian Journal of Statistics
    2008 (scheme S3); the guard by residuals is for want of an objective.
    """
    x, safe, size, used = start, None, np.inf, 0
    while True:
        first = step(x)
        r = first - x
        norm = float(np.linalg.norm(r[:head]))
        used += 1
        if safe is not None and not norm <= 2 * size:
            x, safe = safe, None
            continue
        size = norm
        if used >= iterations or np.abs(_sigmoid(first) - _sigmoid(x)).max() < tolerance:
            return first
        second = step(first)
        used += 1
        v = second - first - r
        a = -min(max(1.0, norm / max(float(np.linalg.norm(v[:head])), 1e-300)), _LONGEST)
        x, safe = np.clip(x - 2 * a * r + a * a * v, -_BOUND, _BOUND), second


def _sigmoid(logits: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-logits))
    return probability
