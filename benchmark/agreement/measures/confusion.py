"""How often two raters gave each pair of categories."""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats, ratio


def confusion(first: Floats, second: Floats, size: int) -> Floats:
    """Counts [Q, k, k] of (first's category, second's), k = `size`, over the documents that both labelled.

    `first`, `second` [Q, L] hold categories 0 ... k - 1, NaN where there is none. Raises `ValueError` for another
    value.
    """
    if first.shape != second.shape:
        raise ValueError(f"labels of shape {first.shape} and {second.shape}; both need [queries, documents]")
    query, document = np.nonzero(~np.isnan(first) & ~np.isnan(second))
    one, other = first[query, document], second[query, document]
    for given in (one, other):
        if ((given < 0) | (given >= size) | (given % 1 != 0)).any():
            raise ValueError(f"a category is not one of 0 ... {size - 1}")
    cell = (query * size + one.astype(np.int64)) * size + other.astype(np.int64)
    return np.bincount(cell, minlength=len(first) * size * size).reshape(-1, size, size).astype(np.float64)


def observed_agreement(counts: Floats) -> Floats:
    """sum_i n_ii / n [...] of confusion counts [..., k, k]; NaN where nothing was counted."""
    return ratio(np.trace(counts, axis1=-2, axis2=-1), counts.sum(axis=(-2, -1)))
