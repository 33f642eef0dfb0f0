"""Pages that are the production ranking with few documents swapped: interventions that users hardly notice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.labels.clicks.simulate.checks import check_probabilities
from benchmark.labels.clicks.simulate.policies.policy import Floats, Places, Placing


@dataclass(frozen=True)
class AdjacentSwaps(Placing):
    """A fair coin pairs the ranks of a page as (1, 2), (3, 4), .. or (2, 3), (4, 5), ..; each pair is swapped with
    probability `swap`.

    Source: Radlinski and Joachims, Minimally Invasive Randomization for Collecting Unbiased Preferences from
    Clickthrough Logs, AAAI 2006 (FairPairs; there swap = 1/2).
    """

    swap: float = 0.5

    def __post_init__(self) -> None:
        check_probabilities("AdjacentSwaps", "swap", (self.swap,))

    def places(self, impressions: int, list_size: int, page_size: int, rng: np.random.Generator) -> Places:
        """The first places with pairs of neighbours swapped [I, K]."""
        second = rng.random(impressions) < 0.5
        swapped = rng.random((impressions, page_size - 1)) < self.swap
        swapped[:, 0::2] &= ~second[:, None]
        swapped[:, 1::2] &= second[:, None]
        places = np.tile(np.arange(page_size), (impressions, 1))
        places[:, :-1] += swapped
        places[:, 1:] -= swapped
        return places

    def probability(self, list_size: int, page_size: int) -> Floats:
        """swap / 2 for a neighbouring rank on the page; the document stays with what is left."""
        found = np.zeros((list_size, page_size))
        page = np.arange(page_size)
        found[page[:-1], page[1:]] = found[page[1:], page[:-1]] = self.swap / 2
        found[page, page] = 1 - found[:page_size].sum(axis=1)
        return found

    def describe(self) -> str:
        """The policy, in a phrase."""
        return f"neighbours swapped with {self.swap:g}"


@dataclass(frozen=True)
class SwapsWithFirst(Placing):
    """The document at rank 1 swapped with that at a rank drawn uniformly from 1 to K (1: no swap).

    Source: Joachims, Swaminathan and Schnabel, Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017 (swap
    interventions, with rank 1 for the landmark).
    """

    def places(self, impressions: int, list_size: int, page_size: int, rng: np.random.Generator) -> Places:
        """The first places with one swap [I, K]."""
        other = rng.integers(0, page_size, impressions)
        places = np.tile(np.arange(page_size), (impressions, 1))
        places[np.arange(impressions), other] = 0
        places[:, 0] = other
        return places

    def probability(self, list_size: int, page_size: int) -> Floats:
        """1 / K for rank 1 and for the first document at each rank; the others stay with (K - 1) / K."""
        found = np.eye(list_size, page_size) * (1 - 1 / page_size)
        found[0] = 1 / page_size
        found[:page_size, 0] = 1 / page_size
        return found

    def describe(self) -> str:
        """The policy, in a phrase."""
        return "rank 1 swapped with a random rank"
