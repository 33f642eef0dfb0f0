"""Area under the ROC curve: how often a relevant document has the higher value; a tie counts half."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import rankdata

from benchmark.agreement.arrays import Bools, Floats, Ints, ratio

_CHUNK = 100


def within_query_auc(values: Floats, relevant: Floats) -> Floats:
    """AUC_q = P(v_i > v_j) + P(v_i = v_j) / 2 for i relevant, j not, both of query q; [Q].

    `values`, `relevant` (1 or 0) [Q, L]; where either is NaN, the document does not count. NaN for a query without both
    classes. From mean ranks: AUC = (R_1 - n_1 (n_1 + 1) / 2) / (n_1 n_0) (Hanley and McNeil, Radiology 143, 1982).
    """
    known = _known(values, relevant)
    ranks = rankdata(np.where(known, values, np.inf), axis=1)  # unknown ones above all others move no rank
    positive = known & (relevant == 1)
    ones = positive.sum(axis=1).astype(np.float64)
    zeros = known.sum(axis=1) - ones
    return ratio((ranks * positive).sum(axis=1) - ones * (ones + 1) / 2, ones * zeros)


def pooled_auc(values: Floats, relevant: Floats, counts: Floats) -> Floats:
    """AUC over all pairs (i relevant, j not), of whatever queries; [B], one for each row of `counts` [B, Q].

    A document of query q stands in a resample as often as q does: sum c_i c_j s_ij / (sum c_i sum c_j). NaN where a
    class is missing. It also sees whether values are comparable between queries, which AUC within a query does not.
    """
    query, document = np.nonzero(_known(values, relevant))
    value, positive = values[query, document], relevant[query, document] == 1
    levels, level = np.unique(value[positive], return_inverse=True)
    # Bin 2t holds the negatives between the positives' levels t - 1 and t, bin 2t + 1 those at level t.
    place = np.searchsorted(levels, value[~positive])
    tied = np.searchsorted(levels, value[~positive], side="right") > place
    negatives = _table(2 * place + tied, query[~positive], (2 * len(levels) + 1, len(values)))
    positives = _table(level, query[positive], (len(levels), len(values)))
    found = []
    for start in range(0, len(counts), _CHUNK):
        drawn = np.ascontiguousarray(counts[start : start + _CHUNK].T)
        below, weight = negatives @ drawn, positives @ drawn
        equal = below[1::2].copy()
        np.cumsum(below, axis=0, out=below)
        wins = (weight * (below[:-1:2] + equal / 2)).sum(axis=0)
        found.append(ratio(wins, weight.sum(axis=0) * below[-1]))
    return np.concatenate(found)


def _table(row: Ints, column: Ints, shape: tuple[int, int]) -> csr_array:
    """How often each (row, column) stands in the lists."""
    return csr_array((np.ones(len(row)), (row, column)), shape=shape)


def _known(values: Floats, relevant: Floats) -> Bools:
    return np.asarray(~np.isnan(values) & ~np.isnan(relevant))
