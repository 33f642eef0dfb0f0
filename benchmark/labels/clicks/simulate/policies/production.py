"""The production ranking of each query: what every logging policy starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Production:
    """Production ranks [Q, L] of the candidates of each query, counted from 1."""

    rank: npt.NDArray[np.integer]

    @property
    def list_size(self) -> int:
        """Candidates of a query (L)."""
        return int(self.rank.shape[1])

    @cached_property
    def order(self) -> npt.NDArray[np.uint8]:
        """Candidates in production order [Q, L]."""
        return np.argsort(self.rank, axis=1, kind="stable").astype(np.uint8)

    @cached_property
    def utility(self) -> npt.NDArray[np.float64]:
        """-ln(rank) [Q, L]."""
        utility: npt.NDArray[np.float64] = -np.log(self.rank)
        return utility
