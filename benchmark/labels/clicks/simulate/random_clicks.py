"""Clicks that mean nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.simulate.checks import check_probabilities


@dataclass(frozen=True)
class RandomClicks:
    """P(c_k = 1) = (1 - impressions) (1 - (1 - p_k) (1 - documents)) + impressions / K, p_k without random clicks.

    `documents` is the probability that a shown document is clicked by accident, whatever is clicked besides;
    `impressions` the share of impressions whose only click is on a uniformly random rank.
    """

    documents: float = 0.0
    impressions: float = 0.0

    def __post_init__(self) -> None:
        for name in ("documents", "impressions"):
            check_probabilities("RandomClicks", name, (getattr(self, name),))

    def add(self, clicked: npt.NDArray[np.bool_], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        """The clicks [I, K] with random ones among them; without any, nothing is drawn from `rng`."""
        if self.documents:
            clicked = clicked | (rng.random(clicked.shape) < self.documents)
        if self.impressions:
            chosen = np.flatnonzero(rng.random(len(clicked)) < self.impressions)
            clicked = clicked.copy()
            clicked[chosen] = False
            clicked[chosen, rng.integers(0, clicked.shape[1], len(chosen))] = True
        return clicked

    def marginal(self, probability: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """P(c_k = 1) from that without random clicks [I, K]."""
        either = 1 - (1 - probability) * (1 - self.documents)
        mixed: npt.NDArray[np.float64] = (1 - self.impressions) * either + self.impressions / probability.shape[1]
        return mixed

    def describe(self) -> str:
        """The shares, in a phrase; empty when there are none."""
        told = [f"{share:g} of {what}" for what, share in vars(self).items() if share]
        return f"random clicks on {' and '.join(told)}" if told else ""
