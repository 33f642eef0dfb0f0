"""Simulated logs: drawn whole into memory, or block by block for any number of impressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.pages import Pages
from benchmark.labels.clicks.simulate.attraction import look_up
from benchmark.labels.clicks.simulate.model import Simulation
from benchmark.labels.clicks.simulate.policies import Production

BLOCK = 65_536
"""Impressions drawn at a time; published logs hang on it."""
LONGEST = 10**9
"""NumPy draws without replacement from fewer than this many impressions."""

Floats = npt.NDArray[np.float64]


class Block(NamedTuple):
    """`query` [I], `shown` [I, K] (positions in the query's list of candidates) and `clicked` [I, K]."""

    query: npt.NDArray[np.int32]
    shown: npt.NDArray[np.uint8]
    clicked: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: it holds arrays
class Simulator:
    """Q queries with L candidates each, and who looks at them: production rank (from 1), grade and quality [Q, L].

    Raises `ConfigurationError` when the arrays differ in shape, a grade has no attraction, the list has more than 256
    candidates, or a page more documents than the list.
    """

    production_rank: npt.NDArray[np.integer]
    grade: npt.NDArray[np.integer] | npt.NDArray[np.bool_]
    quality: Floats
    simulation: Simulation

    def __post_init__(self) -> None:
        shapes = {array.shape for array in (self.production_rank, self.grade, self.quality)}
        if len(shapes) > 1 or len(self.grade.shape) != 2:
            told = ", ".join(str(shape) for shape in sorted(shapes))
            raise ConfigurationError(f"simulation: ranks, grades and qualities have shapes {told}; give one shape Q, L")
        size = self.grade.shape[1]
        if not self.simulation.page_size <= size <= 256:
            raise ConfigurationError(
                f"simulation: pages of {self.simulation.page_size} from {size} candidates; "
                "give at least as many candidates as a page has documents, and at most 256"
            )

    @cached_property
    def production(self) -> Production:
        """The production ranking."""
        return Production(self.production_rank)

    @cached_property
    def attraction(self) -> Floats:
        """P(attracted) of each candidate [Q, L]."""
        return self.simulation.user.attraction.of(self.grade, self.quality)

    @cached_property
    def satisfaction(self) -> Floats:
        """P(satisfied | clicked) of each candidate [Q, L]."""
        return look_up("satisfaction", self.simulation.user.satisfaction, self.grade)

    def check_counts(self, impressions: npt.NDArray[np.integer]) -> None:
        """Raise `ConfigurationError` unless these are counts of impressions [Q] that can be drawn."""
        queries, total = len(self.grade), int(impressions.sum())
        if impressions.shape != (queries,) or impressions.min(initial=0) < 0 or total >= LONGEST:
            raise ConfigurationError(
                f"simulation: {len(impressions)} counts of impressions for {queries} queries, {total:,} in all; "
                f"give one for each query, none negative, fewer than {LONGEST:,} in all"
            )

    def block(self, query: npt.NDArray[np.int32], rng: np.random.Generator) -> Block:
        """Pages and clicks of the impressions of `query` [I]; page first, then clicks, are drawn from `rng`."""
        simulation = self.simulation
        shown = simulation.policy.draw(self.production, query, simulation.page_size, rng)
        attraction, satisfaction = self.on_page(query, shown)
        clicked = simulation.user.browsing.draw(attraction, satisfaction, rng)
        return Block(query, shown, simulation.user.random.add(clicked, rng))

    def on_page(self, query: npt.NDArray[np.int32], shown: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Attraction and satisfaction of the documents on the pages [I, K]."""
        pair = query[:, None] * np.int64(self.production.list_size) + shown
        attraction = self.attraction.ravel().take(pair)
        if not self.simulation.user.browsing.uses_satisfaction:
            return attraction, attraction  # not read: nothing is gathered for it
        return attraction, self.satisfaction.ravel().take(pair)


def simulate(
    impressions: npt.NDArray[np.integer],
    production_rank: npt.NDArray[np.integer],
    grade: npt.NDArray[np.integer] | npt.NDArray[np.bool_],
    quality: Floats,
    simulation: Simulation,
    seed: int,
) -> Block:
    """The log of Q queries with `impressions` [Q] each, in random order, in memory: `query`, `shown`, `clicked`.

    The same arguments and seed give the same log. Raises `ConfigurationError` as `Simulator` does, and for counts that
    are not one for each query.
    """
    simulator = Simulator(production_rank, grade, quality, simulation)
    simulator.check_counts(impressions)
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(len(impressions), dtype=np.int32), impressions)
    query = query[rng.permutation(len(query))]  # the log is in order of time, not of query
    shown = np.empty((len(query), simulation.page_size), dtype=np.uint8)
    clicked = np.empty((len(query), simulation.page_size), dtype=bool)
    for start in range(0, len(query), BLOCK):
        rows = slice(start, start + BLOCK)
        _, shown[rows], clicked[rows] = simulator.block(query[rows], rng)
    return Block(query, shown, clicked)


@dataclass(frozen=True, eq=False)
class SimulatedPages:
    """A simulated log of any length that is drawn anew whenever it is read: a `PageSource` of flat memory.

    It has the law of `simulate` (each query exactly as often as `impressions` [Q] says, in random order), not its
    draws. Queries are drawn block after block without replacement; pages and clicks of block b depend on the block's
    queries and on (seed, b) alone, so every reading gives the same log, however far an earlier one went.
    """

    simulator: Simulator
    impressions: npt.NDArray[np.integer]
    seed: int

    def __post_init__(self) -> None:
        self.simulator.check_counts(self.impressions)

    def __len__(self) -> int:
        return int(self.impressions.sum())

    @property
    def page_size(self) -> int:
        """Documents on a page (K)."""
        return self.simulator.simulation.page_size

    @property
    def pair_count(self) -> int:
        """(query, document) pairs: Q * L."""
        return int(self.simulator.grade.size)

    @property
    def pair_query(self) -> npt.NDArray[np.int32]:
        """The query of each pair [Q * L]."""
        queries, size = self.simulator.grade.shape
        return np.repeat(np.arange(queries, dtype=np.int32), size)

    def blocks(self) -> Iterator[Block]:
        """The log, `BLOCK` impressions at a time."""
        left = self.impressions.astype(np.int64)
        order = np.random.default_rng(self.seed)
        for number in range(-(-len(self) // BLOCK)):
            size = min(BLOCK, int(left.sum()))
            now = order.multivariate_hypergeometric(left, size)
            left -= now
            query = order.permutation(np.repeat(np.arange(len(left), dtype=np.int32), now))
            yield self.simulator.block(query, np.random.default_rng([self.seed, number]))

    def pages(self) -> Iterator[Pages]:
        """The log as click models read it."""
        size = np.int32(self.simulator.production.list_size)
        for query, shown, clicked in self.blocks():
            yield Pages(query[:, None] * size + shown, clicked)
