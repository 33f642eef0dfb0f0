"""Small logs drawn from a click model's own formula, for tests of its fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.labels.clicks.pages import Pages

EXAMINATION = np.array([1.0, 0.7, 0.45, 0.3, 0.2])


@dataclass(frozen=True, eq=False)
class PageLog:
    """Pages in blocks; pairs are numbered query by query, `each` to a query."""

    pair: np.ndarray
    clicked: np.ndarray
    pair_count: int
    each: int = 8
    block: int = 1000

    @property
    def page_size(self) -> int:
        return self.pair.shape[1]

    @property
    def pair_query(self) -> np.ndarray:
        return np.arange(self.pair_count, dtype=np.int32) // self.each

    def pages(self) -> Iterator[Pages]:
        for start in range(0, len(self.pair), self.block):
            rows = slice(start, start + self.block)
            yield Pages(self.pair[rows], self.clicked[rows])


def page_log(pair, clicked, pair_count: int | None = None) -> PageLog:
    pair = np.asarray(pair, np.int32)
    return PageLog(pair, np.asarray(clicked, bool), int(pair.max()) + 1 if pair_count is None else pair_count)


def shuffled_pages(rng, impressions: int, attraction: np.ndarray, skill: float = 0.0, size: int = 5) -> np.ndarray:
    """Pages [I, K] of the top documents by skill * attraction + Gumbel noise; `attraction` [Q, L]."""
    query = rng.integers(0, len(attraction), impressions)
    order = np.argsort(-(skill * attraction[query] + rng.gumbel(size=(impressions, attraction.shape[1]))), axis=1)
    return (query[:, None] * attraction.shape[1] + order[:, :size]).astype(np.int32)


def pbm_log(rng, impressions: int, attraction: np.ndarray, examination=EXAMINATION, skill: float = 0.0) -> PageLog:
    pair = shuffled_pages(rng, impressions, attraction, skill, len(examination))
    clicked = rng.random(pair.shape) < attraction.ravel()[pair] * examination
    return PageLog(pair, clicked, attraction.size, attraction.shape[1])


def ubm_log(rng, impressions: int, attraction: np.ndarray, gamma: np.ndarray, skill: float = 0.0) -> PageLog:
    """`gamma` [K, K]: row k - 1, column j, the rank of the last click above (0: none)."""
    pair = shuffled_pages(rng, impressions, attraction, skill, len(gamma))
    clicked, last = np.zeros(pair.shape, bool), np.zeros(impressions, int)
    for k in range(len(gamma)):
        clicked[:, k] = rng.random(impressions) < attraction.ravel()[pair[:, k]] * gamma[k, last]
        last[clicked[:, k]] = k + 1
    return PageLog(pair, clicked, attraction.size, attraction.shape[1])
