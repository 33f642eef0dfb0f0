"""Kendall's tau-b within a query."""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats, ratio
from benchmark.agreement.measures.pairs import sign_blocks


def kendall_tau_b(first: Floats, second: Floats) -> Floats:
    """tau_q = (C - D) / sqrt((P - T_1) (P - T_2)) [Q] of labels [Q, L].

    C pairs of documents are ordered alike, D the other way, P are all pairs, T_1 and T_2 those tied in either.

    NaN where a query has fewer than two documents with both labels, or one labelling ties them all. Kendall, Biometrika
    33 (1945).
    """
    found = np.full(len(first), np.nan)
    for rows, one, other in sign_blocks(first, second):
        size = np.nansum(one * one, axis=(1, 2)) * np.nansum(other * other, axis=(1, 2))
        found[rows] = ratio(np.nansum(one * other, axis=(1, 2)), np.sqrt(size))
    return found
