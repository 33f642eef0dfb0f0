"""Two policies, one of them for a share of the impressions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.simulate.checks import check_probabilities
from benchmark.labels.clicks.simulate.policies.policy import Floats, Policy, Shown
from benchmark.labels.clicks.simulate.policies.production import Production


@dataclass(frozen=True)
class Mixture:
    """Each impression's page is drawn by `explore` with probability `share`, else by `exploit` (epsilon-greedy)."""

    exploit: Policy
    explore: Policy
    share: float

    def __post_init__(self) -> None:
        check_probabilities("Mixture", "share", (self.share,))

    def draw(
        self, production: Production, query: npt.NDArray[np.int32], page_size: int, rng: np.random.Generator
    ) -> Shown:
        """The candidate at each rank [I, K]."""
        explored = rng.random(len(query)) < self.share
        shown = np.empty((len(query), page_size), dtype=np.uint8)
        shown[~explored] = self.exploit.draw(production, query[~explored], page_size, rng)
        shown[explored] = self.explore.draw(production, query[explored], page_size, rng)
        return shown

    def probability(self, list_size: int, page_size: int) -> Floats:
        """(1 - share) exploit + share explore [L, K]."""
        exploit, explore = (policy.probability(list_size, page_size) for policy in (self.exploit, self.explore))
        return (1 - self.share) * exploit + self.share * explore

    def describe(self) -> str:
        """The policies, in a phrase."""
        return f"{self.exploit.describe()}, for a share of {self.share:g} {self.explore.describe()}"
