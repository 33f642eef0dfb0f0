"""What a selection strategy is, and the strategies by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError, nearest
from benchmark.labels.llm.selection.pool import Pool

Rows = npt.NDArray[np.intp]
Strategy = Callable[[Pool, int, int], Rows]
"""(pool, budget, seed) -> the places of `budget` different questions of the pool, or of all where there are fewer, the

most wanted first. A pure function: the same pool, budget and seed give the same questions."""


@dataclass(frozen=True)
class Entry:
    """Where a strategy is, what it needs of a pool besides frequency and strata, and what it does in a phrase."""

    where: str
    needs: tuple[str, ...]
    description: str

    @property
    def by_ranker(self) -> bool:
        """Whether it looks at a ranker, or at its error on dev."""
        return "scores" in self.needs or "error" in self.needs

    @property
    def by_log(self) -> bool:
        """Whether it looks at the clicks."""
        return "clicks" in self.needs or "uncertainty" in self.needs

    def load(self) -> Strategy:
        """The function."""
        module, name = self.where.split(":")
        strategy: Strategy = getattr(import_module(f"benchmark.labels.llm.selection.{module}"), name)
        return strategy


STRATEGIES = {
    "random": Entry("frequency:at_random", (), "questions at random"),
    "tail-first": Entry("frequency:tail_first", (), "rare questions first: clicks say least of them"),
    "head-first": Entry("frequency:head_first", (), "frequent questions first: they are asked most"),
    "click-sparsity": Entry("clicks:click_sparsity", ("clicks",), "lists with the fewest clicks first"),
    "click-uncertainty": Entry("clicks:click_uncertainty", ("uncertainty",), "where a click model is least sure"),
    "ranker-uncertainty": Entry("ranker:ranker_uncertainty", ("scores",), "where the ranker so far is least sure"),
    "dev-error": Entry("ranker:dev_error", ("error",), "strata in proportion to the ranker's error on dev"),
    "diversity": Entry("diversity:diversity", ("vectors",), "one question of each cluster of questions"),
}


def entry(name: str) -> Entry:
    """Strategy `name`; `ConfigurationError` where there is none."""
    if name not in STRATEGIES:
        raise ConfigurationError(f"selection strategy {name!r} does not exist; {nearest(name, STRATEGIES)}")
    return STRATEGIES[name]


def select(name: str, pool: Pool, budget: int, seed: int = 0) -> Rows:
    """The places of the questions that strategy `name` chooses, the most wanted first.

    Raises `ConfigurationError` for a strategy that does not exist, a budget below 1, or a pool that lacks what the
    strategy needs.
    """
    strategy = entry(name)
    if budget < 1:
        raise ConfigurationError(f"a budget of {budget} lists selects nothing; give at least 1")
    missing = [need for need in strategy.needs if getattr(pool, need) is None or len(getattr(pool, need)) == 0]
    if missing:
        raise ConfigurationError(f"selection strategy {name} needs the {' and '.join(missing)} of the pool's questions")
    return strategy.load()(pool, min(budget, len(pool)), seed)


def coins(pool: Pool, seed: int) -> npt.NDArray[np.uint64]:
    """A seeded number of each question [n]: ties fall the same way on every machine, whatever the pool's order."""
    from benchmark.hashing import seeded_hashes

    return seeded_hashes(f"selection {seed}", pool.qids.tolist())


def smallest(pool: Pool, value: npt.NDArray[np.floating], budget: int, seed: int) -> Rows:
    """The questions with the smallest value [n], ties by `coins`."""
    return np.lexsort((coins(pool, seed), value))[:budget]
