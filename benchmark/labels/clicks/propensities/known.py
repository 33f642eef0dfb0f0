"""Propensities that need no estimate: declared ones, and those of a logging policy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError
from benchmark.labels.clicks.propensities.bootstrap import DRAWS, interval, resampled_sums
from benchmark.labels.clicks.propensities.counts import RankCounts
from benchmark.labels.clicks.propensities.propensities import Propensities
from benchmark.labels.clicks.propensities.ratio import ratio

Floats = npt.NDArray[np.float64]


def known(examination: Sequence[float] | Floats) -> Propensities:
    """A declared vector [K], divided by its first entry; its interval is the vector itself.

    Raises `DataError` for an entry that is negative or no number, and for a first entry of 0.
    """
    values = np.asarray(examination, dtype=np.float64)
    if not values.size or not np.isfinite(values).all() or (values < 0).any() or not values.flat[0] > 0:
        raise DataError(
            f"declared examination {values.tolist()}: it must be numbers of 0 or more, the first above 0; for instance "
            "1,0.5,0.33"
        )
    values = values / values.flat[0]
    return Propensities("known", values, values, values, 0)


def policy_propensity(placement: Floats, examination: Floats) -> Floats:
    """The propensity of each pair [...] under a logging policy: rho = sum_k P(rank k | pair) e_k.

    `placement` [..., K] may sum to less than 1: the rest is not on the page. A click weighted by 1 / rho is unbiased
    for every pair that the policy may show anywhere. Source: Oosterhuis & de Rijke, Policy-Aware Unbiased Learning to
    Rank for Top-k Rankings, SIGIR 2020.
    """
    propensity: Floats = placement @ examination
    return propensity


def from_policy(counts: RankCounts, placement: Floats, *, draws: int = DRAWS, seed: int = 0) -> Propensities:
    """Examination by rank from P(rank k | pair) [P, K] of the logging policy, for every pair of the log.

    e_k = sum_p c_pk / pi_pk over sum_p c_p1 / pi_p1, both over the pairs that the policy may show at rank k and at rank
    1. With clicks c ~ n_q pi_pk e_k a_p, each sum has expectation e sum_p n_q a_p: the same documents at each rank.
    Raises `DataError` where a rank has no such pair that was clicked at rank 1, a pair stands where the policy never
    puts it, or `placement` is of fewer pairs or of other ranks than the log.
    """
    if placement.ndim != 2 or placement.shape[1] != counts.ranks or len(placement) <= counts.number[-1]:
        raise DataError(
            f"placement: its shape is {placement.shape}; the log shows pair {counts.number[-1]} and has {counts.ranks} "
            "ranks: give a row of that many probabilities for each pair of the log"
        )
    chance = placement[counts.number]
    at_cell = chance[counts.pair, counts.rank]
    wrong = np.flatnonzero((at_cell <= 0) & (counts.shown > 0))
    if len(wrong):
        raise DataError(
            f"pair {counts.number[counts.pair[wrong[0]]]}: the log shows it at rank {counts.rank[wrong[0]] + 1}, where "
            "the given policy never puts it; give the policy that made this log"
        )
    size, query = counts.ranks, counts.query[counts.pair]
    per_query = np.zeros((len(counts.query_number), 2 * size))
    share = np.divide(counts.clicks, at_cell, out=np.zeros_like(counts.clicks), where=at_cell > 0)
    also_first = np.where(chance[counts.pair, 0] > 0, share, 0.0)
    np.add.at(per_query, (query, counts.rank), also_first)
    first = counts.rank == 0
    for rank in range(size):
        at_both = np.where(chance[counts.pair[first], rank] > 0, share[first], 0.0)
        per_query[:, size + rank] = np.bincount(query[first], at_both, minlength=len(per_query))
    examination = ratio(*np.split(per_query.sum(axis=0), 2))
    if not np.isfinite(examination).all():
        rank = int(np.argmin(np.isfinite(examination))) + 1
        raise DataError(f"click log: no pair that may stand at ranks 1 and {rank} was clicked at rank 1; use all-pairs")
    resampled = resampled_sums(per_query, draws, seed)
    return Propensities(
        "from-policy",
        examination,
        *interval(examination, ratio(*np.split(resampled, 2, axis=-1))),
        int(counts.shown.sum()),
    )
