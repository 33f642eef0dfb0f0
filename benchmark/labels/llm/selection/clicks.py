"""By how little clicks say of a list."""

from __future__ import annotations

from benchmark.labels.llm.selection.pool import Pool
from benchmark.labels.llm.selection.strategy import Rows, smallest


def click_sparsity(pool: Pool, budget: int, seed: int) -> Rows:
    """Ascending number of clicks on the candidates of a list; unlike frequency, it knows abandoned pages."""
    assert pool.clicks is not None
    return smallest(pool, pool.clicks.sum(axis=1).astype(float), budget, seed)


def click_uncertainty(pool: Pool, budget: int, seed: int) -> Rows:
    """Descending mean posterior variance of a click model over the list."""
    assert pool.uncertainty is not None
    return smallest(pool, -(pool.uncertainty**2).mean(axis=1), budget, seed)
