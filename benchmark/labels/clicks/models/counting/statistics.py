"""Sufficient statistics: a log of any length as one count for each (pair, context) that occurred."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.counting.blocks import in_order
from benchmark.labels.clicks.models.counting.counter import KeyCounter, merge
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Statistics:
    """Impressions and clicks of N cells; a cell is a pair seen in a context, for instance at a rank.

    `pair` [N] ascending, `context` [N] ascending within a pair, in [0, contexts); `impressions` [N] >= 1 and `clicks`
    [N]. `pair_count` and `page_size` are the log's P and K. Statistics of the parts of a log add up to those of the
    whole (`+`); they can be pickled, so parts can be counted by several processes.
    """

    pair_count: int
    page_size: int
    contexts: int
    pair: Ints
    context: Ints
    impressions: Ints
    clicks: Ints

    def __len__(self) -> int:
        return len(self.pair)

    @cached_property
    def starts(self) -> npt.NDArray[np.intp]:
        """The first cell of each pair that occurs [U]."""
        return np.flatnonzero(np.diff(self.pair, prepend=-1))

    @cached_property
    def pairs(self) -> Ints:
        """The pairs that occur, ascending [U]."""
        return self.pair[self.starts]

    @cached_property
    def row(self) -> npt.NDArray[np.intp]:
        """The place of each cell's pair in `pairs` [N]."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.pair)))

    def by_pair(self, values: npt.NDArray[np.number]) -> Floats:
        """Sum of cell values [N] over the contexts of each pair that occurs [U]."""
        if not len(self):
            return np.zeros(0)
        sums: Floats = np.add.reduceat(values, self.starts).astype(np.float64)
        return sums

    def by_context(self, values: npt.NDArray[np.number]) -> Floats:
        """Sum of cell values [N] over the pairs of each context [contexts]."""
        sums: Floats = np.bincount(self.context, values, minlength=self.contexts).astype(np.float64, copy=False)
        return sums

    def everywhere(self, values: Floats, missing: float) -> Floats:
        """Values of the pairs that occur [U] as values of all pairs [P], `missing` where a pair was never shown."""
        full = np.full(self.pair_count, missing)
        full[self.pairs] = values
        return full

    def __add__(self, other: Statistics) -> Statistics:
        """The statistics of both parts of a log; raises `ConfigurationError` if they are of different logs."""
        mine = (self.pair_count, self.page_size, self.contexts)
        theirs = (other.pair_count, other.page_size, other.contexts)
        if mine != theirs:
            raise ConfigurationError(
                f"statistics of (pairs, page size, contexts) {mine} and {theirs} cannot be added: "
                "count parts of one log, in the same way"
            )
        keys, counts = merge(self._counts(), other._counts())
        return _statistics(keys, counts, *mine)

    def _counts(self) -> tuple[Ints, Ints]:
        """Keys 2 * (pair * contexts + context) + clicked, and their counts."""
        cell = 2 * (self.pair * self.contexts + self.context)
        keys = np.stack([cell, cell + 1], axis=1).ravel()
        counts = np.stack([self.impressions - self.clicks, self.clicks], axis=1).ravel()
        return keys[counts > 0], counts[counts > 0]


def count_cells(
    source: PageSource,
    contexts: int,
    context_of: Callable[[Pages], npt.NDArray[np.integer]],
    *,
    table: bool | None = None,
) -> Statistics:
    """Count (pair, context, clicked) over all documents shown; `context_of` maps a block to contexts [I, K] (or [K]).

    Clicked and not clicked are two keys, so one count of integers gives both, with no weights. `table` forces a table
    or sorted runs (see `KeyCounter`); the result is the same.
    """
    counter = KeyCounter(2 * source.pair_count * contexts, table=table)

    def keys(pages: Pages) -> Ints:
        key = pages.pair.astype(np.int64)
        key *= 2 * contexts
        key += 2 * context_of(pages)
        np.add(key, pages.clicked, out=key)
        shown = pages.shown
        return key if shown.all() else key[shown]

    for block in in_order(keys, source.pages()):
        counter.add(block)
    return _statistics(*counter.counts(), source.pair_count, source.page_size, contexts)


def rank_statistics(source: PageSource, *, table: bool | None = None) -> Statistics:
    """Context = rank - 1: all that a position-based model or a click-through rate needs."""
    ranks = np.arange(source.page_size)
    return count_cells(source, source.page_size, lambda pages: ranks, table=table)


def last_click_statistics(source: PageSource, *, table: bool | None = None) -> Statistics:
    """Context = `last_click_context`: all that a user browsing model needs."""
    size = source.page_size
    return count_cells(source, size * (size + 1) // 2, last_click_context, table=table)


def last_click_context(pages: Pages) -> npt.NDArray[np.int64]:
    """Context [I, K] of rank k when the last click above it was at rank j (0: none): k (k - 1) / 2 + j.

    Ranks count from 1 and j < k, so K (K + 1) / 2 contexts are numbered without gaps.
    """
    context = np.empty(pages.pair.shape, dtype=np.int64)
    last = np.zeros(len(pages), dtype=np.int64)
    for rank in range(1, pages.pair.shape[1] + 1):
        np.add(last, rank * (rank - 1) // 2, out=context[:, rank - 1])
        last[pages.clicked[:, rank - 1]] = rank
    return context


def ranks_of_last_click_contexts(page_size: int) -> npt.NDArray[np.int64]:
    """The rank k, from 1, of each context of `last_click_context` [K (K + 1) / 2]."""
    ranks = np.arange(1, page_size + 1)
    return np.repeat(ranks, ranks)


def over_ranks(statistics: Statistics) -> Statistics:
    """`rank_statistics` of a log from its `last_click_statistics`: contexts of a rank are added up."""
    rank = ranks_of_last_click_contexts(statistics.page_size) - 1
    cell = statistics.pair * statistics.page_size + rank[statistics.context]  # ascending, as the cells are
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    impressions, clicks = (
        np.add.reduceat(x, starts) if len(starts) else x for x in (statistics.impressions, statistics.clicks)
    )
    pair, context = np.divmod(cell[starts], statistics.page_size)
    size = statistics.page_size
    return Statistics(statistics.pair_count, size, size, pair, context, impressions, clicks)


def _statistics(keys: Ints, counts: Ints, pair_count: int, page_size: int, contexts: int) -> Statistics:
    cells = keys >> 1
    clicked = (keys & 1).astype(bool)
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    impressions = np.add.reduceat(counts, starts) if len(starts) else counts
    clicks = np.add.reduceat(np.where(clicked, counts, 0), starts) if len(starts) else counts
    pair, context = np.divmod(cells[starts], contexts)
    return Statistics(pair_count, page_size, contexts, pair, context, impressions, clicks)
