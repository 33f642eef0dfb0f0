"""Counting integer keys by the hundred million: a table when the keys are few, sorted runs when they are many."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

TABLE = 1 << 25
"""Keys up to this number are counted in a table (256 MB at most), beyond it in sorted runs."""


class KeyCounter:
    """How often each key in [0, size) was added.

    A table of `size` counts, or runs of (ascending unique keys, counts) that are merged when one is at most twice as
    long as the next: every count is then moved O(log n) times, and memory is that of the unique keys.
    """

    def __init__(self, size: int, *, table: bool | None = None) -> None:
        self.size = size
        self._table = np.zeros(size, dtype=np.int64) if (size <= TABLE if table is None else table) else None
        self._runs: list[tuple[Ints, Ints]] = []

    def add(self, keys: npt.NDArray[np.int64]) -> None:
        """Count each key once; any order, any number of repeats."""
        if self._table is not None:
            np.add.at(self._table, keys.ravel(), 1)
        else:
            self._push(*_unique(keys.ravel()))

    def counts(self) -> tuple[Ints, Ints]:
        """The keys that occurred, ascending, and how often each did."""
        if self._table is not None:
            keys = np.flatnonzero(self._table)
            return keys, self._table[keys]
        while len(self._runs) > 1:
            self._runs.append(merge(self._runs.pop(), self._runs.pop()))
        return self._runs[0] if self._runs else (np.empty(0, np.int64), np.empty(0, np.int64))

    def _push(self, keys: Ints, counts: Ints) -> None:
        self._runs.append((keys, counts))
        while len(self._runs) > 1 and len(self._runs[-2][0]) <= 2 * len(self._runs[-1][0]):
            self._runs.append(merge(self._runs.pop(), self._runs.pop()))


def merge(one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Two (ascending unique keys, counts) as one; counts of a key that both have are added."""
    keys, counts = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    order = np.argsort(keys, kind="stable")  # two ascending halves: a stable sort merges them in one pass
    keys = keys[order]
    starts = _starts(keys)
    return keys[starts], np.add.reduceat(counts[order], starts) if len(starts) else counts


def _unique(keys: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    ordered = np.sort(keys)
    starts = _starts(ordered)
    return ordered[starts].astype(np.int64, copy=False), np.diff(starts, append=len(ordered))


def _starts(ordered: npt.NDArray[np.integer]) -> npt.NDArray[np.intp]:
    """Where each run of equal keys begins."""
    first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return np.flatnonzero(first)
