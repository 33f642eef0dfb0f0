"""What a click model reads: blocks of result pages with what was clicked on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 17
"""Impressions in a block: memory stays flat however long the log is."""


@dataclass(frozen=True)
class Pages:
    """I impressions of at most K documents each.

    `pair` [I, K] numbers the (query, document) pair shown at each rank, -1 below the end of a shorter page; `clicked`
    [I, K] says which were clicked, False where there is no document.
    """

    pair: npt.NDArray[np.int32]
    clicked: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.pair)

    @property
    def shown(self) -> npt.NDArray[np.bool_]:
        """Where there is a document [I, K]."""
        return self.pair >= 0


class PageSource(Protocol):
    """A log in blocks, in memory or on disk, that can be read more than once."""

    @property
    def pair_count(self) -> int:
        """How many pairs there are (P); pairs are numbered 0 to P - 1, query by query."""
        ...

    @property
    def page_size(self) -> int:
        """The most documents on a page (K)."""
        ...

    @property
    def pair_query(self) -> npt.NDArray[np.int32]:
        """The query of each pair [P], ascending."""
        ...

    def pages(self) -> Iterator[Pages]:
        """All impressions, a block of at most `BLOCK` at a time, in the order of the log."""
        ...
