"""By how different the questions are from each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.labels.llm.selection.pool import Pool
from benchmark.labels.llm.selection.strategy import Rows, coins, smallest

Floats = npt.NDArray[np.float64]


def diversity(pool: Pool, budget: int, seed: int) -> Rows:
    """The question nearest to the centre of each of `budget` clusters; large clusters first.

    k-means on the question vectors (Lloyd, IEEE Transactions on Information Theory 28, 1982), started by k-means++
    (Arthur & Vassilvitskii, SODA 2007); as a way to choose what to label it goes back to Xu, Akella & Zhang, ECIR 2007.
    Empty clusters give no question: `smallest` of the rest then fills the budget at random.
    """
    assert pool.vectors is not None
    order = np.argsort(coins(pool, seed))  # so that the order of the pool does not matter
    vectors = np.asarray(pool.vectors, dtype=np.float64)[order]
    centre, size = _k_means(vectors, min(budget, len(vectors)), np.random.default_rng(seed))
    distance = _distances(vectors, centre)
    nearest: list[int] = []
    for cluster in np.argsort(-size, kind="stable"):
        if size[cluster]:
            free = np.setdiff1d(np.arange(len(vectors)), nearest, assume_unique=True)
            nearest.append(int(free[np.argmin(distance[free, cluster])]))
    chosen = order[nearest]
    rest = np.setdiff1d(np.arange(len(pool)), chosen)
    filled = rest[smallest(pool.where(rest), np.zeros(len(rest)), budget - len(chosen), seed)]
    return np.concatenate([chosen, filled])


def _k_means(vectors: Floats, count: int, rng: np.random.Generator, steps: int = 30) -> tuple[Floats, Floats]:
    """Centres [k, D] and how many vectors each has [k]."""
    centre = _spread_out(vectors, count, rng)
    size = np.zeros(count)
    for _ in range(steps):
        cluster = _distances(vectors, centre).argmin(axis=1)
        size = np.bincount(cluster, minlength=count).astype(np.float64)
        total = np.zeros_like(centre)
        np.add.at(total, cluster, vectors)
        moved = np.where(size[:, None] > 0, total / np.maximum(size, 1)[:, None], centre)
        if np.allclose(moved, centre, atol=1e-7):
            break
        centre = moved
    return centre, size


def _spread_out(vectors: Floats, count: int, rng: np.random.Generator) -> Floats:
    """k-means++: each next centre is drawn with probability proportional to its squared distance from those before."""
    chosen = [int(rng.integers(len(vectors)))]
    nearest = _distances(vectors, vectors[chosen])[:, 0]
    while len(chosen) < count:
        total = nearest.sum()
        free = np.setdiff1d(np.arange(len(vectors)), chosen)
        chosen.append(int(rng.choice(len(vectors), p=nearest / total) if total > 0 else rng.choice(free)))
        nearest = np.minimum(nearest, _distances(vectors, vectors[chosen[-1:]])[:, 0])
    start: Floats = vectors[chosen]
    return start


def _distances(vectors: Floats, centre: Floats) -> Floats:
    """Squared distances [n, k]."""
    squared = (vectors**2).sum(axis=1)[:, None] - 2 * vectors @ centre.T + (centre**2).sum(axis=1)
    return np.asarray(np.maximum(squared, 0.0))
