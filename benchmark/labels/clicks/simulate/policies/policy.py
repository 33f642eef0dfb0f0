"""What every logging policy offers, and the policies that choose places of the production ranking."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.simulate.policies.production import Production

Floats = npt.NDArray[np.float64]
Shown = npt.NDArray[np.uint8]
Places = npt.NDArray[np.integer]


class Policy(Protocol):
    """How pages are made from the production ranking."""

    def draw(
        self, production: Production, query: npt.NDArray[np.int32], page_size: int, rng: np.random.Generator
    ) -> Shown:
        """The candidate at each rank of the pages for `query` [I]: [I, K], each candidate at most once a page."""
        ...

    def probability(self, list_size: int, page_size: int) -> Floats:
        """P(the document of production rank r is shown at rank k) [L, K], both counted from 1; exact."""
        ...

    def describe(self) -> str:
        """The policy and its parameters, in a phrase."""
        ...


class Placing:
    """A policy that chooses places of the production ranking without regard to the query."""

    def places(self, impressions: int, list_size: int, page_size: int, rng: np.random.Generator) -> Places:
        """The production rank, counted from 0, of the document shown at each rank: [I, K]."""
        raise NotImplementedError

    def draw(
        self, production: Production, query: npt.NDArray[np.int32], page_size: int, rng: np.random.Generator
    ) -> Shown:
        """The candidate at each rank [I, K]."""
        size = production.list_size
        places = self.places(len(query), size, page_size, rng)
        shown: Shown = production.order.ravel().take(query[:, None] * np.int64(size) + places)
        return shown
