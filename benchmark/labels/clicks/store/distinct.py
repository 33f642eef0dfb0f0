"""Counting distinct strings that come in batches."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


class Distinct:
    """A set of strings, in Arrow's memory."""

    def __init__(self) -> None:
        self._seen: pa.Array = pa.array([], pa.large_string())
        self._new: list[pa.Array] = []
        self._size = 0

    def add(self, values: pa.Array) -> None:
        """Take in some more."""
        self._new.append(pc.unique(values).cast(pa.large_string()))
        self._size += len(self._new[-1])
        if self._size > len(self._seen):  # each string is merged a logarithmic number of times
            self._merge()

    def _merge(self) -> None:
        self._seen = pc.unique(pa.chunked_array([self._seen, *self._new]))
        self._new, self._size = [], 0

    def count(self) -> int:
        """How many there are."""
        self._merge()
        return len(self._seen)
