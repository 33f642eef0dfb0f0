"""Pages that are the production ranking itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.simulate.policies.policy import Floats, Shown
from benchmark.labels.clicks.simulate.policies.production import Production


@dataclass(frozen=True)
class Top:
    """The K documents that the production ranker has at its top, in its order."""

    def draw(
        self, production: Production, query: npt.NDArray[np.int32], page_size: int, rng: np.random.Generator
    ) -> Shown:
        """The same page for every impression of a query [I, K]; nothing is drawn from `rng`."""
        page: Shown = np.ascontiguousarray(production.order[:, :page_size]).take(query, axis=0)
        return page

    def probability(self, list_size: int, page_size: int) -> Floats:
        """1 where the production rank is the rank, else 0."""
        return np.eye(list_size, page_size)

    def describe(self) -> str:
        """The policy, in a phrase."""
        return "production ranking"
