"""Users whose examination depends on the rank and on where they last clicked (UBM)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

import numpy as np

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate.browsing.browsing import Clicks, Floats
from benchmark.labels.clicks.simulate.browsing.position import BAIDU_EXAMINATION
from benchmark.labels.clicks.simulate.checks import check_probabilities
from benchmark.labels.clicks.simulate.words import span


@dataclass(frozen=True)
class UserBrowsing:
    """P(c_k = 1 | clicks above) = examination[k][r] * attraction, r the rank of the last click above k, 0 for none.

    Ranks count from 1: `examination` has a row for each rank k, of k values r = 0 .. k - 1. Source: Dupret and
    Piwowarski, A User Browsing Model to Predict Search Engine Click Data from Past Observations, SIGIR 2008.
    """

    uses_satisfaction: ClassVar[bool] = False
    examination: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        check_probabilities("UserBrowsing", "examination", tuple(chain.from_iterable(self.examination)))
        if any(len(row) != k for k, row in enumerate(self.examination, start=1)):
            raise ConfigurationError("UserBrowsing: examination is no triangle; give k values in the row of rank k")

    @classmethod
    def product(
        cls,
        by_rank: tuple[float, ...] = BAIDU_EXAMINATION,
        by_distance: tuple[float, ...] = (2.0, 1.6, 1.4, 1.2, 1.1, 1.0, 1.0, 1.0, 1.0),
    ) -> UserBrowsing:
        """examination = by_rank[k] before the first click, min(1, by_rank[k] * by_distance[k - r]) after one at r.

        `by_distance` starts at distance 1. Where it is 1 throughout the model is position-based; above 1 a click draws
        the user further down. Its default is chosen, not published.
        """
        if len(by_distance) < len(by_rank) - 1:
            raise ConfigurationError(
                f"UserBrowsing: by_distance has {len(by_distance)} distances; give at least {len(by_rank) - 1}"
            )
        return cls(
            tuple(
                (value, *(min(1.0, value * by_distance[k - r]) for r in range(1, k + 1)))
                for k, value in enumerate(by_rank)
            )
        )

    def draw(self, attraction: Floats, satisfaction: Floats, rng: np.random.Generator) -> Clicks:
        """Simulated clicks [I, K]."""
        uniform = rng.random(attraction.shape)
        clicked = np.empty(attraction.shape, dtype=bool)
        last = np.zeros(len(attraction), dtype=np.intp)
        for k, row in enumerate(self._rows(attraction.shape[1])):
            clicked[:, k] = uniform[:, k] < row.take(last) * attraction[:, k]
            last[clicked[:, k]] = k + 1
        return clicked

    def marginal(self, attraction: Floats, satisfaction: Floats) -> Floats:
        """P(c_k = 1) = a_k sum_r P(last click at r) examination[k][r] [I, K]."""
        impressions, page = attraction.shape
        found = np.empty_like(attraction)
        last = np.zeros((impressions, page + 1))
        last[:, 0] = 1
        for k, row in enumerate(self._rows(page)):
            chance = row * attraction[:, k, None]
            found[:, k] = (last[:, : k + 1] * chance).sum(axis=1)
            last[:, : k + 1] *= 1 - chance
            last[:, k + 1] = found[:, k]
        return found

    def conditional(self, attraction: Floats, satisfaction: Floats, clicked: Clicks) -> Floats:
        """P(c_k = 1 | clicks above) [I, K]."""
        found = np.empty_like(attraction)
        last = np.zeros(len(attraction), dtype=np.intp)
        for k, row in enumerate(self._rows(attraction.shape[1])):
            found[:, k] = row.take(last) * attraction[:, k]
            last[clicked[:, k]] = k + 1
        return found

    def _rows(self, page: int) -> list[Floats]:
        if len(self.examination) < page:
            raise ConfigurationError(
                f"UserBrowsing: examination has {len(self.examination)} ranks, the page {page}; give each rank a row"
            )
        return [np.asarray(row) for row in self.examination[:page]]

    def describe(self) -> str:
        """The parameters, in a phrase."""
        first, below = [row[0] for row in self.examination], [row[-1] for row in self.examination[1:]]
        return f"user browsing (examination {span(first)}" + (f", below a click {span(below)})" if below else ")")
