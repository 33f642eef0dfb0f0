"""By how often a question is asked, or without looking at it."""

from __future__ import annotations

import numpy as np

from benchmark.labels.llm.selection.pool import Pool
from benchmark.labels.llm.selection.strategy import Rows, smallest


def at_random(pool: Pool, budget: int, seed: int) -> Rows:
    """Each question equally likely: what every other strategy must beat."""
    return smallest(pool, np.zeros(len(pool)), budget, seed)


def tail_first(pool: Pool, budget: int, seed: int) -> Rows:
    """Ascending frequency."""
    return smallest(pool, pool.frequency, budget, seed)


def head_first(pool: Pool, budget: int, seed: int) -> Rows:
    """Descending frequency."""
    return smallest(pool, -pool.frequency, budget, seed)
