"""A log in two arrays, as click models read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.pages import BLOCK, Pages


@dataclass(frozen=True, eq=False)
class ArrayLog:
    """A `PageSource`: `pair` [I, K] and `clicked` [I, K], with `candidates` pairs for each query."""

    pair: npt.NDArray[np.int32]
    clicked: npt.NDArray[np.bool_]
    pair_count: int
    candidates: int

    @property
    def page_size(self) -> int:
        """Documents on a page (K)."""
        return int(self.pair.shape[1])

    @property
    def pair_query(self) -> npt.NDArray[np.int32]:
        """The query of each pair [P]."""
        return np.arange(self.pair_count, dtype=np.int32) // np.int32(self.candidates)

    def pages(self) -> Iterator[Pages]:
        """The impressions in blocks."""
        for start in range(0, len(self.pair), BLOCK):
            yield Pages(self.pair[start : start + BLOCK], self.clicked[start : start + BLOCK])
