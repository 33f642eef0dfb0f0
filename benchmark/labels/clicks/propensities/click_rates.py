"""Click rates by rank: examination where ranks were assigned at random, and examination times relevance elsewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError
from benchmark.labels.clicks.propensities.bootstrap import DRAWS, interval, resampled_sums
from benchmark.labels.clicks.propensities.counts import RankCounts
from benchmark.labels.clicks.propensities.propensities import Propensities
from benchmark.labels.clicks.propensities.ratio import ratio

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def click_rates(counts: RankCounts, *, method: str = "click-rate", draws: int = DRAWS, seed: int = 0) -> Propensities:
    """e_k = (clicks_k / shown_k) / (clicks_1 / shown_1), over all documents shown at rank k.

    Of a ranked log it is no examination: better documents stand higher. Raises `DataError` if a rank shows nothing, or
    the first has no click.
    """
    per_query = np.zeros((len(counts.query_number), 2 * counts.ranks))
    query = counts.query[counts.pair]
    np.add.at(per_query, (query, counts.rank), counts.clicks)
    np.add.at(per_query, (query, counts.rank + counts.ranks), counts.shown)
    examination = _ratios(per_query.sum(axis=0))
    _require(examination, method)
    resampled = resampled_sums(per_query, draws, seed)
    return Propensities(method, examination, *interval(examination, _ratios(resampled)), int(counts.shown.sum()))


def randomised(counts: RankCounts, *, draws: int = DRAWS, seed: int = 0) -> Propensities:
    """Examination from pages in uniformly random order, where `click_rates` is unbiased.

    E clicks_k / shown_k = e_k mean_d a_d, with the same mean at each rank. Give it the randomised part of a log alone.
    Source: Wang et al., Learning to Rank with Selection Bias in Personal Search, SIGIR 2016.
    """
    return click_rates(counts, method="randomised", draws=draws, seed=seed)


def swapped(
    rank: Ints,
    query: Ints,
    clicked_first: npt.NDArray[np.bool_],
    clicked_rank: npt.NDArray[np.bool_],
    ranks: int,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Propensities:
    """Examination from I impressions that exchanged, by a fair coin, the documents at rank 1 and at `rank` [I].

    e_k = clicks at k / clicks at 1 over the impressions whose coin was for k, exchanged or not: both ranks then hold
    either document equally often. `rank` counts from 0, and those of 0 are not used; `query` [I] are numbers from 0.
    Raises `DataError` for a rank without such impressions. Source: Joachims et al., Unbiased Learning-to-Rank with
    Biased Feedback, WSDM 2017, section 5.
    """
    used = (rank > 0) & (rank < ranks)
    rank, query = rank[used], query[used]
    per_query = np.zeros((int(query.max(initial=0)) + 1, 2 * ranks))
    np.add.at(per_query, (query, rank), clicked_rank[used])
    np.add.at(per_query, (query, rank + ranks), clicked_first[used])
    per_query[:, [0, ranks]] = per_query.sum(axis=1, keepdims=True)  # rank 1 against itself
    examination = _swap_ratios(per_query.sum(axis=0))
    _require(examination, "swapped")
    resampled = resampled_sums(per_query, draws, seed)
    return Propensities("swapped", examination, *interval(examination, _swap_ratios(resampled)), 2 * int(used.sum()))


def _ratios(totals: Floats) -> Floats:
    rate = ratio(*np.split(totals, 2, axis=-1))
    return ratio(rate, rate[..., :1])


def _swap_ratios(totals: Floats) -> Floats:
    return ratio(*np.split(totals, 2, axis=-1))


def _require(examination: Floats, method: str) -> None:
    missing = np.flatnonzero(~np.isfinite(examination))
    if len(missing):
        raise DataError(
            f"click log: {method} has nothing to compare rank {missing[0] + 1} with (no document there, or no click at "
            "rank 1); give a larger log, or estimate fewer ranks"
        )
