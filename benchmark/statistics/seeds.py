"""What training again would change: how means vary between seeds, and how that is resampled where nothing differs.

The noise of one training run is common to all its queries, so no resampling of queries shows it. Seeds of two systems
are taken as independent: seed 3 of the one and of the other start from equal numbers, but once the labels differ their
means hardly move together. Where they do, the difference of the two varies less than is counted, and a test is
conservative.
"""

from __future__ import annotations

import numpy as np

from benchmark.scoring.ranked import Floats

FEWEST_SEEDS = 4
"""With fewer noisy seeds a test of many systems does not keep to its level: see `compare_all`."""

# A deviation below this is rounding of a mean over seeds: the system gives the same under each.
_ROUNDING = 1e-12


def squared_error(means: Floats) -> Floats:
    """s^2 / S [...] of the mean over seeds, for means [..., S] of each seed and their sample variance s^2 (S - 1).

    0 where all seeds give the same, and with one seed, of which no variance can be told: what is found then holds for
    that training run.
    """
    error: Floats = np.mean(deviations(means) ** 2, axis=-1) / means.shape[-1]
    return error


def deviations(means: Floats) -> Floats:
    """x_s = (m_s - mean(m)) sqrt(S / (S - 1)) [..., S]: with random signs their mean has the variance s^2 / S."""
    seeds = means.shape[-1]
    centred = means - means.mean(axis=-1, keepdims=True)
    centred[np.abs(centred) <= _ROUNDING] = 0.0
    scaled: Floats = centred * np.sqrt(seeds / max(seeds - 1, 1))
    return scaled


def flipped(x: Floats, signs: Floats) -> tuple[Floats, Floats]:
    """Mean [B, M] of the deviations x [M, S] with signs [B, M, S], and its squared error as flipped seeds show it.

    (mean(x^2) - mean^2) / (S - 1): few seeds tell their own variance badly, and a test that keeps to its level must
    let it vary in the resamples as it does in the data.
    """
    seeds = x.shape[-1]
    mean = np.einsum("bms,ms->bm", signs, x) / seeds
    return mean, np.maximum(np.mean(x**2, axis=-1) - mean**2, 0.0) / max(seeds - 1, 1)


def random_signs(rng: np.random.Generator, *shape: int) -> Floats:
    """-1 or 1, evenly."""
    return rng.integers(0, 2, shape, dtype=np.int8).astype(np.float64) * 2 - 1
