"""What every estimator reads: how often each pair was shown, and clicked, at each rank."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.clicks.models.counting.statistics import rank_statistics
from benchmark.labels.clicks.pages import PageSource

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RankCounts:
    """`shown` and `clicks` [N] of N cells; a cell is one of U pairs (that the log shows) at one of K ranks.

    `pair` [N] ascending in [0, U), `rank` [N] in [0, K). Of each pair: `number` [U] in the log and `query` [U],
    ascending in [0, G); of each of these queries: `query_number` [G] in the log. Counts are floats, since a resample
    weights them.
    """

    ranks: int
    pair: Ints
    rank: Ints
    shown: Floats
    clicks: Floats
    number: Ints
    query: Ints
    query_number: Ints

    @cached_property
    def starts(self) -> npt.NDArray[np.intp]:
        """The first cell of each pair [U]."""
        return np.flatnonzero(np.diff(self.pair, prepend=-1))

    def by_pair(self, values: Floats) -> Floats:
        """Sum of cell values [N] over the ranks of each pair [U]."""
        sums: Floats = np.add.reduceat(values, self.starts)
        return sums

    def by_rank(self, values: Floats) -> Floats:
        """Sum of cell values [N] over the pairs at each rank [K]."""
        sums: Floats = np.bincount(self.rank, values, minlength=self.ranks).astype(np.float64, copy=False)
        return sums

    def require_first_click(self) -> None:
        """Raise `DataError` for a log without a click at rank 1: examination is relative to that rank."""
        if not self.by_rank(self.clicks)[0] > 0:
            raise DataError(
                "click log: nothing was clicked at rank 1, which examination is relative to; give one with such clicks"
            )

    def by_query(self, values: Floats) -> Floats:
        """Sum of pair values [U] over the pairs of each query [G]."""
        sums: Floats = np.bincount(self.query, values, minlength=len(self.query_number)).astype(np.float64, copy=False)
        return sums

    def weighted(self, weight: npt.NDArray[np.number] | Bools) -> RankCounts:
        """Counts as if each query [G] had occurred `weight` times: a resample, or, with zeros and ones, a part."""
        of_cell = np.asarray(weight, dtype=np.float64)[self.query[self.pair]]
        return replace(self, shown=self.shown * of_cell, clicks=self.clicks * of_cell)


def rank_counts(source: PageSource, ranks: int | None = None) -> RankCounts:
    """Count a log in one pass, down to `ranks` (default: all of the page); memory grows with the pairs, not the log.

    Raises `DataError` for a log with nothing shown, without a click, or with one rank only; `ConfigurationError` for
    more ranks than a page has.
    """
    size = source.page_size if ranks is None else ranks
    if ranks is not None and not 2 <= ranks <= source.page_size:
        raise ConfigurationError(f"ranks {ranks}: pages of this log have {source.page_size}; give 2 to that many")
    statistics = rank_statistics(source)
    kept = statistics.context < size
    pair, rank = statistics.pair[kept], statistics.context[kept]
    number, row = np.unique(pair, return_inverse=True)
    query_number, query = np.unique(source.pair_query[number], return_inverse=True)
    counts = RankCounts(
        size,
        row.astype(np.int64),
        rank,
        statistics.impressions[kept].astype(np.float64),
        statistics.clicks[kept].astype(np.float64),
        number,
        query.astype(np.int64),
        query_number.astype(np.int64),
    )
    for broken, what, wanted in (
        (not len(pair), "no document is shown in it", "that shows documents"),
        (size < 2, "its pages have one rank", "with pages of two documents or more"),
        (not counts.clicks.sum(), "nothing is clicked in it", "with clicks"),
    ):
        if broken:
            raise DataError(f"click log: {what}, so examination by rank cannot be estimated; give a log {wanted}")
    return counts
