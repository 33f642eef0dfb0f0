"""Kendall's tau-b within a query."""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats, ratio
from benchmark.agreement.measures.pairs import sign_blocks


def kendall_tau_b(values: Floats, reference: Floats) -> Floats:
    """tau_q = (C - D) / sqrt((P - T_1) (P - T_2)) [Q] of labels [Q, L].

    C pairs of documents are ordered alike, D the other way, P are all pairs, T_1 and T_2 those tied in either; over the
    documents with both labels. 0 where `values` tie all documents and the reference does not: nothing is told of an
    order that there is, as an AUC of one half says. NaN where the reference has no order: it ties all, or there are
    fewer than two documents. So which queries count depends on the documents and the reference alone. Kendall,
    Biometrika 33 (1945).
    """
    found = np.full(len(values), np.nan)
    for rows, one, other in sign_blocks(values, reference):
        told, ordered = (np.nansum(signs * signs, axis=(1, 2)) for signs in (one, other))
        tau = ratio(np.nansum(one * other, axis=(1, 2)), np.sqrt(told * ordered))
        found[rows] = np.where((told == 0) & (ordered > 0), 0.0, tau)
    return found


def tau_b_between(first: Floats, second: Floats) -> Floats:
    """tau-b [Q] of two labellings neither of which is the reference: 0 where only one has an order, NaN where none."""
    found = kendall_tau_b(first, second)
    return np.where(np.isnan(found), kendall_tau_b(second, first), found)
