"""Fewer iterations for any fixed-point map that never decreases its objective, such as EM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FixedPoint:
    """The last parameters, applications of the map, the objective before each cycle, whether it ceased to grow."""

    parameters: Floats
    iterations: int
    trace: tuple[float, ...]
    converged: bool


def squarem(
    step: Callable[[Floats], tuple[Floats, float]], start: Floats, *, iterations: int, tolerance: float
) -> FixedPoint:
    """Iterate x <- F(x) with squared extrapolation; `step` maps unbounded x to (F(x), objective of x).

    With r = F(x) - x and v = (F(F(x)) - F(x)) - r, the next x is F(x - 2 a r + a^2 v), a = min(-1, -|r| / |v|), unless
    the extrapolated point has a lower objective than F(x): then it is F(F(x)), so the objective never decreases.
    Stops when a cycle gains less than `tolerance` times the objective's size, or after `iterations` applications of F.
    Source: Varadhan & Roland, Scandinavian Journal of Statistics 35, 2008 (scheme S3).
    """
    x, used, trace = start, 0, [-np.inf]
    while used + 3 <= max(iterations, 3):
        first, before = step(x)
        second, after = step(first)
        r = first - x
        v = second - first - r
        a = min(-1.0, -float(np.linalg.norm(r)) / max(float(np.linalg.norm(v)), 1e-300))
        leap = x - 2 * a * r + a * a * v if a > -1e6 else second
        landed, reached = step(leap)
        x = landed if np.isfinite(reached) and reached >= after else second
        used += 3
        gain = before - trace[-1]
        trace.append(before)
        if gain <= tolerance * abs(before):
            return FixedPoint(x, used, tuple(trace[1:]), True)
    return FixedPoint(x, used, tuple(trace[1:]), False)
