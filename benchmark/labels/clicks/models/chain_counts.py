"""What a log says up to the last click of each page: there examination is certain, and counts of pairs are enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.statistics import Statistics, count_cells
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]

ABOVE, LAST, BELOW, NONE = range(4)
"""Where a rank lies: above the last click of its page, at it, below it, or on a page without a click."""


@dataclass(frozen=True, eq=False)
class ChainCounts:
    """Counts of P pairs and of K ranks.

    `clicks` [P]; `passed` [P] impressions without a click above the last click; `whole` [P] impressions on pages
    without a click; `continued` [P] clicks with another click below; `continued_at` [K] and `last_at` [K] clicks at
    each rank with another click below, and with none.
    """

    clicks: Floats
    passed: Floats
    whole: Floats
    continued: Floats
    continued_at: Floats
    last_at: Floats

    @property
    def last(self) -> Floats:
        """Clicks that were the last on their page [P]."""
        return self.clicks - self.continued

    @property
    def trials(self) -> Floats:
        """Impressions at or above the last click, or on a page without a click [P]."""
        return self.clicks + self.passed + self.whole


def chain_statistics(source: PageSource) -> Statistics:
    """Cells (pair, place K + rank), place one of ABOVE, LAST, BELOW, NONE; they add up over parts of a log."""
    ranks = np.arange(source.page_size)
    return count_cells(source, 4 * source.page_size, lambda pages: places(pages) * source.page_size + ranks)


def chain_counts(source: PageSource) -> ChainCounts:
    """The counts of a log, in one pass."""
    return from_statistics(chain_statistics(source))


def from_statistics(statistics: Statistics) -> ChainCounts:
    """The counts that cells of `chain_statistics` hold."""
    place, rank = np.divmod(statistics.context, statistics.page_size)
    skips = statistics.impressions - statistics.clicks

    def by_pair(values: npt.NDArray[np.int64], at: int) -> Floats:
        return statistics.everywhere(statistics.by_pair(np.where(place == at, values, 0)), 0.0)

    def by_rank(at: int) -> Floats:
        return tally(rank[place == at], statistics.clicks[place == at], statistics.page_size)

    continued = by_pair(statistics.clicks, ABOVE)
    return ChainCounts(
        clicks=continued + by_pair(statistics.clicks, LAST),
        passed=by_pair(skips, ABOVE),
        whole=by_pair(skips, NONE),
        continued=continued,
        continued_at=by_rank(ABOVE),
        last_at=by_rank(LAST),
    )


def tally(index: npt.NDArray[np.integer], values: npt.NDArray[np.number], size: int) -> Floats:
    """Sum of the values at each index in [0, size)."""
    return np.asarray(np.bincount(index, values, minlength=size), dtype=np.float64)


def last_clicks(pages: Pages) -> npt.NDArray[np.int64]:
    """The place of the last click on each page [I], counted from 0; -1 where there is none."""
    size = pages.clicked.shape[1]
    last: npt.NDArray[np.int64] = size - 1 - np.argmax(pages.clicked[:, ::-1], axis=1)
    last[~pages.clicked.any(axis=1)] = -1
    return last


def places(pages: Pages) -> npt.NDArray[np.int64]:
    """ABOVE, LAST, BELOW or NONE of each rank [I, K]."""
    last = last_clicks(pages)
    place: npt.NDArray[np.int64] = np.sign(np.arange(pages.pair.shape[1]) - last[:, None]) + 1
    place[last < 0] = NONE
    return place
