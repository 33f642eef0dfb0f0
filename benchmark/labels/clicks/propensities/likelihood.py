"""The AllPairs likelihood, maximised for a log and all its resamples at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.propensities.bootstrap import FLOOR
from benchmark.labels.clicks.propensities.contrasts import Contrasts

Floats = npt.NDArray[np.float64]
_TINY = 1e-12
_ALWAYS = 1e-6
_FOUND = 1e-3


def maximise(found: Contrasts, *, iterations: int = 200, tolerance: float = 1e-8) -> Floats:
    """Examination e [..., K] with e_1 = 1; NaN where a rank is not linked to rank 1, or no maximum was reached.

    L(e, r) = sum_{k != k'} C_kk' ln(e_k r_kk') + (S_kk' - C_kk') ln(1 - e_k r_kk'), C and S the clicks and shows of the
    contrasts, r symmetric. In (ln e, ln r) it is concave. r has a closed form (a quadratic); the Hessian of what is
    left, in ln e, is minus the Laplacian of the graph of ranks with edges g g' / (g + g'), g = (S - C) q / (1 - q)^2,
    q = e r. So Newton's method is a K x K solve, done for every resample at once. Where every show at a rank was
    clicked the maximum lies at q = 1, where there is no slope: `_ALWAYS` of the shows count as not clicked, at least.
    Source of L: Agarwal et al., WSDM 2019.
    """
    size = found.clicks.shape[-1]
    clicks, missed = found.clicks, np.maximum(found.shown - found.clicks, _ALWAYS * found.shown)
    scale = np.maximum(found.shown.sum(axis=(-1, -2), keepdims=True), _TINY)
    clicks, missed = clicks / scale, missed / scale
    log_e = np.zeros(clicks.shape[:-1])
    for _ in range(iterations):
        q, odds = _product(log_e, clicks, missed)
        slope = (clicks - missed * odds).sum(axis=-1)
        g = missed * odds / (1 - q)
        other = np.swapaxes(g, -1, -2)
        edge = np.divide(g * other, g + other, out=np.zeros_like(g), where=g + other > 0)
        laplacian = np.eye(size) * (edge.sum(axis=-1)[..., None] + _TINY) - edge
        step = np.zeros_like(log_e)
        step[..., 1:] = np.linalg.solve(laplacian[..., 1:, 1:], slope[..., 1:, None])[..., 0]
        step *= 1 / np.maximum(1, np.abs(step).max(axis=-1, keepdims=True))
        before = log_e
        log_e = np.maximum(log_e + step, np.log(FLOOR))
        moved = np.abs(log_e - before).max(axis=-1, keepdims=True)
        if moved.max() < tolerance:
            break
    # A rank without a click was drawn to the floor, which stands for no examination at all.
    examination = np.where(log_e <= np.log(FLOOR) + _TINY, 0.0, np.exp(log_e))
    return np.where(found.linked() & (moved < _FOUND), examination, np.nan)


def _product(log_e: Floats, clicks: Floats, missed: Floats) -> tuple[Floats, Floats]:
    """q = e_k r_kk' [..., K, K] at the best r, and q / (1 - q).

    r solves a r^2 - b r + C = 0 with C = C_kk' + C_k'k, a = e_k e_k' (C + N + N'), b = C (e_k + e_k') + N e_k +
    N' e_k', N the shows without a click; it is the smaller root, written so that nothing cancels.
    """
    e, e_other = np.exp(log_e)[..., :, None], np.exp(log_e)[..., None, :]
    total, missed_other = clicks + np.swapaxes(clicks, -1, -2), np.swapaxes(missed, -1, -2)
    a = e * e_other * (total + missed + missed_other)
    b = total * (e + e_other) + missed * e + missed_other * e_other
    root = b + np.sqrt(np.maximum(b * b - 4 * a * total, 0.0))
    r = np.divide(2 * total, root, out=np.zeros_like(root), where=root > 0)
    q = np.minimum(e * r, 1 - _TINY)
    return q, q / (1 - q)
