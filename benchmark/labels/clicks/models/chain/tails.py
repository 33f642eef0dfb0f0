"""What lies below the last click of a page: the only part of a log whose sequence of documents matters to a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain.counts import last_clicks
from benchmark.labels.clicks.models.counting.blocks import in_order
from benchmark.labels.clicks.pages import Pages, PageSource

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

LOOSE = 1 << 21
"""Tails of a part of the log that are kept as they come; of more, equal ones are counted as one."""


@dataclass(frozen=True, eq=False)
class Tails:
    """U tails, equal ones as one or not.

    `pair` [U, K] is the page from its last click down, -1 above it and below the end; `last` [U] the rank of that click
    counted from 0, -1 on pages without a click; `count` [U] says how many pages ended so. Pages that end with their
    last click have no tail.
    """

    last: npt.NDArray[np.int32]
    pair: npt.NDArray[np.int32]
    count: Ints

    def __len__(self) -> int:
        return len(self.last)

    def __getitem__(self, rows: slice) -> Tails:
        return Tails(self.last[rows], self.pair[rows], self.count[rows])

    def compact(self) -> Tails:
        """Each different tail once.

        Told apart by a 64-bit hash: among u tails, two share one with probability below u^2 / 2^65 (3e-6 for ten
        million), and are then counted as one of them.
        """
        key = _hash(self.last, self.pair)
        order = np.argsort(key, kind="stable")
        key = key[order]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else order
        total = np.add.reduceat(self.count[order], starts) if len(starts) else self.count
        return Tails(self.last[order[starts]], self.pair[order[starts]], total)


def joined(parts: Sequence[Tails]) -> Tails:
    """The tails of all parts."""
    return Tails(
        np.concatenate([part.last for part in parts]),
        np.concatenate([part.pair for part in parts]),
        np.concatenate([part.count for part in parts]),
    )


def chain_tails(source: PageSource, bounds: Ints) -> list[Tails]:
    """The tails of a log in one pass, by ranges of pairs: part b has the pairs from `bounds` [B + 1] b to b + 1.

    Bounds must lie between queries. Memory is that of the different tails, or `LOOSE` tails a part.
    """
    page_size = source.page_size
    waiting: list[list[Tails]] = [
        [Tails(np.empty(0, np.int32), np.empty((0, page_size), np.int32), np.empty(0, np.int64))]
        for _ in range(len(bounds) - 1)
    ]
    limit = [LOOSE] * len(waiting)
    for split in in_order(lambda pages: _by_part(block_tails(pages), bounds), source.pages()):
        for part, (tails, new) in enumerate(zip(waiting, split, strict=True)):
            tails.append(new)
            if sum(map(len, tails)) > limit[part]:
                tails[:] = [joined(tails).compact()]
                limit[part] = max(LOOSE, 2 * len(tails[0]))
    return [joined(tails) for tails in waiting]


def block_tails(pages: Pages) -> Tails:
    """The tails of one block, as they come."""
    last = last_clicks(pages)
    size = pages.pair.shape[1]
    rows = np.arange(len(pages))
    below = np.minimum(last + 1, size - 1)
    kept = np.flatnonzero((last + 1 < size) & (pages.pair[rows, below] >= 0))
    last, pair = last[kept], pages.pair[kept]
    pair[np.arange(size) < last[:, None]] = -1
    return Tails(last.astype(np.int32), pair, np.ones(len(last), np.int64))


def _by_part(tails: Tails, bounds: Ints) -> list[Tails]:
    first = tails.pair[np.arange(len(tails)), tails.last.astype(np.intp) + 1]
    part = (np.searchsorted(bounds, first, side="right") - 1).astype(np.uint16)
    order = np.argsort(part, kind="stable")
    ends = np.searchsorted(part[order], np.arange(len(bounds)))
    ordered = Tails(tails.last[order], tails.pair[order], tails.count[order])
    return [ordered[start:stop] for start, stop in pairwise(ends.tolist())]


def _hash(last: npt.NDArray[np.int32], pair: npt.NDArray[np.int32]) -> Keys:
    """Mixes one column after another by the finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014)."""
    key = (last.astype(np.int64) + 2).astype(np.uint64)
    for column in pair.T:
        key += np.uint64(0x9E3779B97F4A7C15) * (column + 2).astype(np.uint64)
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        key ^= key >> np.uint64(31)
    return key
