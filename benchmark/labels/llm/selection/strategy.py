"""What a selection strategy is, and what strategies share: choosing the smallest, ties broken by a coin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.selection.pool import Pool
from benchmark.labels.llm.selection.registry import entry

Rows = npt.NDArray[np.intp]
Strategy = Callable[[Pool, int, int], Rows]
"""(pool, budget, seed) -> the places of `budget` different questions of the pool, or of all where there are fewer, the
most wanted first. A pure function: the same pool, budget and seed give the same questions."""


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
