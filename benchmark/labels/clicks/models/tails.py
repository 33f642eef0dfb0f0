"""What lies below the last click of a page: the only part of a log whose sequence of documents matters to a chain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain_counts import last_clicks
from benchmark.labels.clicks.pages import Pages, PageSource

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Tails:
    """U different tails, in the order of `key` [U], which does not depend on the order of the log.

    `pair` [U, K] is the page from its last click down, -1 above it and below the end; `last` [U] the rank of that click
    counted from 0, -1 on pages without a click; `count` [U] says how many pages ended so. Pages that end with their
    last click have no tail. Tails of the parts of a log add up (`+`).

    A key is a 64-bit hash: among u tails, two share one with probability below u^2 / 2^65 (3e-6 for ten million), and
    are then counted as one of them.
    """

    key: Keys
    last: npt.NDArray[np.int8]
    pair: npt.NDArray[np.int32]
    count: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.key)

    def __add__(self, other: Tails) -> Tails:
        return _unique(
            np.concatenate([self.key, other.key]),
            np.concatenate([self.last, other.last]),
            np.concatenate([self.pair, other.pair]),
            np.concatenate([self.count, other.count]),
        )


def chain_tails(source: PageSource) -> Tails:
    """The tails of a log, in one pass; memory is that of the different tails.

    Runs are merged when one is at most twice as long as the next, so each tail is moved O(log n) times.
    """
    empty = Pages(np.empty((0, source.page_size), np.int32), np.empty((0, source.page_size), np.bool_))
    runs = [block_tails(empty)]
    for pages in source.pages():
        runs.append(block_tails(pages))
        while len(runs) > 1 and len(runs[-2]) <= 2 * len(runs[-1]):
            runs.append(runs.pop() + runs.pop())
    while len(runs) > 1:
        runs.append(runs.pop() + runs.pop())
    return runs[0]


def block_tails(pages: Pages) -> Tails:
    """The tails of one block."""
    last = last_clicks(pages)
    size = pages.pair.shape[1]
    rows = np.arange(len(pages))
    below = np.minimum(last + 1, size - 1)
    kept = (last + 1 < size) & (pages.pair[rows, below] >= 0)
    last, pair = last[kept], pages.pair[kept]
    pair = np.where(np.arange(size) >= last[:, None], pair, np.int32(-1))
    return _unique(_hash(last, pair), last.astype(np.int8), pair, np.ones(len(last), np.int64))


def _hash(last: npt.NDArray[np.int64], pair: npt.NDArray[np.int32]) -> Keys:
    """Mixes one column after another by the finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014)."""
    key = (last + 2).astype(np.uint64)
    for column in pair.T:
        key += np.uint64(0x9E3779B97F4A7C15) * (column + 2).astype(np.uint64)
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        key ^= key >> np.uint64(31)
    return key


def _unique(key: Keys, last: npt.NDArray[np.int8], pair: npt.NDArray[np.int32], count: npt.NDArray[np.int64]) -> Tails:
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else order
    total = np.add.reduceat(count[order], starts) if len(starts) else count
    return Tails(key[starts], last[order[starts]], pair[order[starts]], total)
