"""The position-based click model, by expectation maximisation on sufficient statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PositionBasedModel:
    """P(click on d for q at rank k) = examination[k] * attraction[q, d]; examination[0] = 1."""

    examination: Floats
    attraction: Floats


def fit_pbm(
    impressions: npt.NDArray[np.int64],
    clicks: npt.NDArray[np.int64],
    *,
    prior_strength: float = 2.0,
    iterations: int = 500,
    tolerance: float = 1e-5,
) -> PositionBasedModel:
    """Fit examination [K] and attraction [Q, L] to `impressions` and `clicks` [Q, L, K].

    E: an unclicked document was attractive with probability a(1-e) / (1-ae), examined with e(1-a) / (1-ae).
    M: a and e are mean posteriors; a is shrunk to its mean m by a Beta(s m, s (1-m)) prior of strength s, so pairs that
    were hardly shown stay near it. A pair never shown has attraction m. Both are scaled so that examination[0] = 1.
    Source: Chuklin et al., Click Models for Web Search, 2015, sections 3.3 and 4.2.
    """
    pairs, positions = np.nonzero(impressions.reshape(-1, impressions.shape[2]))
    shown = impressions.reshape(-1, impressions.shape[2])[pairs, positions].astype(np.float64)
    clicked = clicks.reshape(-1, impressions.shape[2])[pairs, positions].astype(np.float64)
    used, pair = np.unique(pairs, return_inverse=True)
    by_pair = np.bincount(pair, shown)
    by_position = np.bincount(positions, shown, minlength=impressions.shape[2])
    examination = np.maximum(np.bincount(positions, clicked, minlength=len(by_position)), 1e-9)
    examination = examination / np.maximum(by_position, 1)
    examination = np.minimum(examination / examination.max(), 1 - 1e-9)
    mean = clicked.sum() / max((shown * examination[positions]).sum(), 1e-9)
    attraction = np.full(len(used), min(mean, 0.999))
    a_before = attraction
    for _ in range(iterations):
        a, e = attraction[pair], examination[positions]
        missed = (shown - clicked) / (1 - a * e)
        attracted = np.bincount(pair, clicked + missed * a * (1 - e))
        examined = np.bincount(positions, clicked + missed * e * (1 - a), minlength=len(by_position))
        mean = attracted.sum() / by_pair.sum()
        attraction = (attracted + prior_strength * mean) / (by_pair + prior_strength)
        updated = examined / np.maximum(by_position, 1)
        top = updated[0] if updated[0] > 0 else 1.0
        updated = np.clip(updated / top, 1e-9, 1 - 1e-9)
        attraction = np.clip(attraction * top, 1e-9, 1 - 1e-9)
        # Both are watched: from a constant attraction, examination alone stands still in the first step.
        change = max(np.abs(updated - examination).max(), np.abs(attraction - a_before).max())
        examination, a_before = updated, attraction
        if change < tolerance:
            break
    everywhere = np.full(impressions.shape[0] * impressions.shape[1], mean * top)
    everywhere[used] = attraction
    examination[0] = 1.0
    return PositionBasedModel(examination, everywhere.reshape(impressions.shape[:2]))
