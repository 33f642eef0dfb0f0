"""What the first stage's order gets on the very documents that a judge labelled: the judge's control."""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats
from benchmark.agreement.measures.auc import within_query_auc
from benchmark.agreement.measures.pairs import pair_sums
from benchmark.agreement.measures.tau import kendall_tau_b
from benchmark.agreement.resample import Statistic, Summed, mean_of, quotient
from benchmark.agreement.source import Source


def auc(judge: Source, reference: Source) -> Statistic | None:
    """AUC within a query of the first stage."""
    relevant = reference.relevant()
    if relevant is None or not _controlled(judge, reference):
        return None
    return mean_of(within_query_auc(_order(judge.values), relevant))


def gain(judge: Source, reference: Source) -> Statistic | None:
    """AUC of the judge minus that of the first stage, query by query."""
    relevant = reference.relevant()
    if relevant is None or not _controlled(judge, reference):
        return None
    return mean_of(within_query_auc(judge.values, relevant) - within_query_auc(_order(judge.values), relevant))


def pairs(judge: Source, reference: Source) -> Statistic | None:
    """Pairwise accuracy of the first stage."""
    if not _controlled(judge, reference):
        return None
    sums = pair_sums(_order(judge.values), reference.values)
    return Summed(sums, quotient, sums[:, 1] > 0)


def tau(judge: Source, reference: Source) -> Statistic | None:
    """Kendall's tau-b of the first stage."""
    if not _controlled(judge, reference):
        return None
    return mean_of(kendall_tau_b(_order(judge.values), reference.values))


def _controlled(judge: Source, reference: Source) -> bool:
    """Against clicks there is no control: the first stage chose the places that made documents be clicked."""
    return judge.kind == "llm" and reference.kind == "human"


def _order(values: Floats) -> Floats:
    """The place in the list, the first highest, of each document that has a value."""
    return np.where(np.isnan(values), np.nan, -np.arange(values.shape[1], dtype=np.float64))
