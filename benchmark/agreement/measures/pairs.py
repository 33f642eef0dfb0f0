"""Signs of all pairs of documents of a query, and pairwise accuracy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.agreement.arrays import Floats

_CELLS = 2_000_000


def sign_blocks(first: Floats, second: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """sign(v_i - v_j) [q, L, L] of both labellings, by blocks of queries; NaN where a label is missing."""
    known = ~np.isnan(first) & ~np.isnan(second)
    one, other = np.where(known, first, np.nan), np.where(known, second, np.nan)
    step = max(1, _CELLS // max(first.shape[1] ** 2, 1))
    for start in range(0, len(first), step):
        rows = slice(start, start + step)
        yield (
            rows,
            np.sign(one[rows, :, None] - one[rows, None, :]),
            np.sign(other[rows, :, None] - other[rows, None, :]),
        )


def pair_sums(values: Floats, reference: Floats) -> Floats:
    """(correct, pairs) [Q, 2] over pairs {i, j} of one query of which the reference prefers one.

    A pair is correct where `values` prefer the same one; a tie of `values` counts half.
    """
    sums = np.zeros((len(values), 2))
    for rows, one, other in sign_blocks(values, reference):
        ordered = other > 0  # each pair once: the one of its two directions in which the reference is positive
        sums[rows, 0] = np.where(ordered, (one + 1) / 2, 0.0).sum(axis=(1, 2))
        sums[rows, 1] = ordered.sum(axis=(1, 2))
    return sums
