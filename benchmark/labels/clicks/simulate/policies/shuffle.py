"""Pages in random order: the top of the production ranking shuffled, or any documents of the list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate.policies.policy import Floats, Places, Placing


@dataclass(frozen=True)
class ShuffledTop(Placing):
    """The first `top` documents of the production ranking in uniformly random order, the others in their places."""

    top: int = 10

    def __post_init__(self) -> None:
        if self.top < 1:
            raise ConfigurationError(f"ShuffledTop: top is {self.top}; give at least 1")

    def places(self, impressions: int, list_size: int, page_size: int, rng: np.random.Generator) -> Places:
        """A permutation of the first places for each page [I, K]."""
        top = min(self.top, list_size)
        shuffled = rng.random((impressions, top), dtype=np.float32).argsort(axis=1)[:, :page_size]
        if top >= page_size:
            return shuffled
        below = np.broadcast_to(np.arange(top, page_size), (impressions, page_size - top))
        return np.concatenate([shuffled, below], axis=1)

    def probability(self, list_size: int, page_size: int) -> Floats:
        """1 / top among the first `top` production ranks and ranks, else 1 where the two are equal."""
        top = min(self.top, list_size)
        found = np.eye(list_size, page_size)
        found[:top, :top] = 1 / top
        return found

    def describe(self) -> str:
        """The policy, in a phrase."""
        return f"top {self.top} shuffled"


@dataclass(frozen=True)
class Uniform(Placing):
    """K documents of the list in uniformly random order: every document at every rank with probability 1 / L."""

    def places(self, impressions: int, list_size: int, page_size: int, rng: np.random.Generator) -> Places:
        """The first K places of a permutation of the list [I, K]."""
        return rng.random((impressions, list_size), dtype=np.float32).argsort(axis=1)[:, :page_size]

    def probability(self, list_size: int, page_size: int) -> Floats:
        """1 / L."""
        return np.full((list_size, page_size), 1 / list_size)

    def describe(self) -> str:
        """The policy, in a phrase."""
        return "uniformly random"
