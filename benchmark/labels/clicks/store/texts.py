"""The words of queries, out of impressions of which only some tell them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmark.labels.clicks.store.lists import to_numpy
from benchmark.labels.clicks.store.vocabulary import Codes, grown


class QueryTexts:
    """The first words of each query that are told, by query number; memory is that of these words."""

    def __init__(self) -> None:
        self._place = np.full(1024, -1, dtype=np.int32)  # of each query's words among those kept; -1: none
        self._kept: list[pa.Array] = []
        self._count = 0

    def add(self, query: Codes, text: pa.Array) -> None:
        """See impressions [n]: the query of each and its words, null where they are not told."""
        top = int(query.max(initial=-1)) + 1
        self._place = grown(self._place, top)
        told = np.flatnonzero(to_numpy(text.is_valid()).astype(bool) & (self._place[query] < 0))
        if not len(told):
            return
        queries, first = np.unique(query[told], return_index=True)
        self._place[queries] = np.arange(self._count, self._count + len(queries), dtype=np.int32)
        self._kept.append(text.take(pa.array(told[first])).cast(pa.large_string()))
        self._count += len(queries)

    def of(self, begin: int, end: int) -> pa.Array:
        """The words of the queries from `begin` to `end`, null where none were told; these queries were seen."""
        if len(self._kept) != 1:
            self._kept = [pa.chunked_array(self._kept, pa.large_string()).combine_chunks()]
        place = self._place[begin:end]
        return self._kept[0].take(pa.array(place, mask=place < 0)).cast(pa.string())
