"""Numbers for strings and for pairs that come in batches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmark.labels.clicks.store.columns import MISSING
from benchmark.labels.clicks.store.convert import encoded
from benchmark.labels.clicks.store.lists import Ints, places, to_numpy

Codes = npt.NDArray[np.int32]


def grown(codes: Codes, size: int) -> Codes:
    """The codes with room for `size`, -1 where there were none: at least doubled where they have to grow."""
    if size <= len(codes):
        return codes
    larger = np.full(max(size, 2 * len(codes)), -1, dtype=codes.dtype)
    larger[: len(codes)] = codes
    return larger


class _Codes(dict[str | None, int]):
    """Strings with their numbers, -1 for what is missing; a string that is new gets the next number."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys((None, *MISSING), -1))
        self.known = len(self)

    def __missing__(self, string: str | None) -> int:
        code = self[string] = len(self) - self.known
        return code


class Vocabulary:
    """Numbers distinct strings from 0 in order of first appearance; only a batch's distinct strings are looked up."""

    def __init__(self) -> None:
        self._codes = _Codes()

    def __len__(self) -> int:
        return len(self._codes) - self._codes.known

    def encode(self, values: pa.Array) -> Codes:
        """The number of each value [n], -1 where it is missing; integers count as their decimal digits."""
        coded = encoded(values)
        strings = [*coded.dictionary.cast(pa.string()).to_pylist(), None]
        table = np.fromiter(map(self._codes.__getitem__, strings), dtype=np.int32, count=len(strings))
        indices = coded.indices.fill_null(len(strings) - 1) if coded.null_count else coded.indices
        numbers: Codes = table[to_numpy(indices)]
        return numbers

    def strings(self) -> pa.Array:
        """All strings in the order of their numbers."""
        return pa.array(list(self._codes)[self._codes.known :], pa.large_string())

    def string(self, code: int) -> str:
        """The string of one number; walks through all of them (for messages)."""
        return next((str(string) for string, at in self._codes.items() if at == code), "?")


class PairIndex:
    """The position of each document in its query's list, lists being in order of first appearance.

    Sorted arrays of keys in levels, each at least twice as long as the next: adding n pairs in batches costs
    O(n log n) moves, and a pair takes 18 bytes.
    """

    def __init__(self) -> None:
        self._levels: list[tuple[Ints, npt.NDArray[np.int32]]] = []
        self._size = np.zeros(1024, dtype=np.int32)  # documents of each query so far
        self._query: list[Codes] = []
        self._document: list[Codes] = []

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return sum(len(keys) for keys, _ in self._levels)

    def positions(self, query: Codes, document: Codes, limit: int) -> npt.NDArray[np.int32]:
        """The position of each (query, document) [n], new ones numbered on.

        Where a query would have more than `limit` documents nothing is added, and the positions tell by reaching it.
        """
        distinct = pa.array(query.astype(np.int64) << 32 | document).dictionary_encode()
        keys, inverse = to_numpy(distinct.dictionary).astype(np.int64), to_numpy(distinct.indices)
        position = self._find(keys)
        new = np.flatnonzero(position < 0)
        if len(new):
            owner = (keys[new] >> 32).astype(np.int32)
            if (top := int(owner.max())) >= len(self._size):
                self._size = np.concatenate([self._size, np.zeros(max(top + 1, len(self._size)), dtype=np.int32)])
            order = np.argsort(owner, kind="stable")
            queries, sizes = np.unique(owner[order], return_counts=True)
            placed = np.empty(len(new), dtype=np.int32)
            placed[order] = np.repeat(self._size[queries], sizes) + places(sizes)
            position[new] = placed
            if placed.max() < limit:
                self._add(keys[new], placed)
                self._size[queries] += sizes.astype(np.int32)
                self._query.append(owner)
                self._document.append((keys[new] & 0xFFFFFFFF).astype(np.int32))
        result: npt.NDArray[np.int32] = position[inverse]
        return result

    def _find(self, keys: Ints) -> npt.NDArray[np.int32]:
        found = np.full(len(keys), -1, dtype=np.int32)
        order = np.argsort(keys)  # in order, searches walk through memory instead of jumping in it
        wanted = keys[order]
        for known, position in self._levels:
            at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
            hit = known[at] == wanted
            found[order[hit]] = position[at[hit]]
        return found

    def _add(self, keys: Ints, position: npt.NDArray[np.int32]) -> None:
        order = np.argsort(keys)
        self._levels.append((keys[order], position[order]))
        while len(self._levels) > 1 and len(self._levels[-2][0]) < 2 * len(self._levels[-1][0]):
            (a, at), (b, bt) = self._levels.pop(), self._levels.pop()
            merged = np.concatenate([a, b])
            order = np.argsort(merged, kind="stable")  # two runs: a merge
            self._levels.append((merged[order], np.concatenate([at, bt])[order]))

    def lists(self) -> tuple[Ints, Codes]:
        """The length of each query's list [Q] and its documents, list after list."""
        if not self._query:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
        query, document = np.concatenate(self._query), np.concatenate(self._document)
        order = np.argsort(query, kind="stable")
        return np.bincount(query).astype(np.int64), document[order]
