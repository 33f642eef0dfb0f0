"""By how different the questions are from each other."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

from benchmark.labels.llm.selection.pool import Pool
from benchmark.labels.llm.selection.strategy import Rows, coins, smallest

Floats = npt.NDArray[np.float64]

_STEPS = 2**16
"""Vectors are taken to this many steps of one: their distances are then sums of integers, which come out the same, and
the same for equal questions, on every machine."""


def diversity(pool: Pool, budget: int, seed: int) -> Rows:
    """The question nearest to the centre of each of `budget` clusters; large clusters first.

    k-means on the question vectors (Lloyd, IEEE Transactions on Information Theory 28, 1982), started by k-means++
    (Arthur & Vassilvitskii, SODA 2007); as a way to choose what to label it goes back to Xu, Akella & Zhang, ECIR 2007.
    There are no more clusters than different vectors, and an empty cluster gives no question: `smallest` of the rest
    then fills the budget at random.
    """
    assert pool.vectors is not None
    order = np.argsort(coins(pool, seed))  # so that the order of the pool does not matter
    vectors = np.rint(np.asarray(pool.vectors, dtype=np.float64)[order] * _STEPS)
    cluster, distance = _clusters(vectors, min(budget, len(np.unique(vectors, axis=0))), seed)
    nearest_first = np.lexsort((distance, cluster))
    _, first, size = np.unique(cluster[nearest_first], return_index=True, return_counts=True)
    chosen = order[nearest_first[first[np.argsort(-size, kind="stable")]]]
    rest = np.setdiff1d(np.arange(len(pool)), chosen)
    filled = rest[smallest(pool.where(rest), np.zeros(len(rest)), budget - len(chosen), seed)]
    return np.concatenate([chosen, filled])


def _clusters(vectors: Floats, count: int, seed: int) -> tuple[Rows, Floats]:
    """The cluster of each vector [n], and its squared distance from the centre of that [n]."""
    from scipy.cluster.vq import kmeans2

    start = _spread_out(vectors, count, np.random.default_rng(seed))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "One of the clusters is empty", UserWarning)
        centre, cluster = kmeans2(vectors, start, iter=30, minit="matrix")
    return cluster.astype(np.intp), ((vectors - centre[cluster]) ** 2).sum(axis=1)


def _spread_out(vectors: Floats, count: int, rng: np.random.Generator) -> Floats:
    """k-means++: each next centre is drawn with probability proportional to its squared distance from those before."""
    from scipy.spatial.distance import cdist

    chosen = [int(rng.integers(len(vectors)))]
    nearest = np.full(len(vectors), np.inf)
    while len(chosen) < count:
        nearest = np.minimum(nearest, cdist(vectors, vectors[chosen[-1:]], "sqeuclidean")[:, 0])
        chosen.append(int(rng.choice(len(vectors), p=nearest / nearest.sum())))
    start: Floats = vectors[chosen]
    return start
