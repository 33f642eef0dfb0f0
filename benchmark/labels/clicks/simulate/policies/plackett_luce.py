"""Pages sampled around the production ranking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate.policies.policy import Floats, Shown
from benchmark.labels.clicks.simulate.policies.production import Production


@dataclass(frozen=True)
class PlackettLuce:
    """The K documents with the largest -ln(production rank) + jitter * Gumbel.

    A Plackett-Luce draw with the weights rank^(-1 / jitter): each rank takes one of the documents that are left, with
    probability in proportion to their weights.
    """

    jitter: float = 0.3

    def __post_init__(self) -> None:
        if not self.jitter > 0:
            raise ConfigurationError(f"PlackettLuce: jitter is {self.jitter}; give more than 0, or use Top")

    def draw(
        self, production: Production, query: npt.NDArray[np.int32], page_size: int, rng: np.random.Generator
    ) -> Shown:
        """The candidate at each rank [I, K]."""
        # Published logs hang on this order of draws: Gumbel noise for each candidate, in the order of the list.
        noise = rng.gumbel(size=(len(query), production.list_size))
        noise *= -self.jitter
        noise -= production.utility.take(query, axis=0)
        return np.argsort(noise, axis=1, kind="stable")[:, :page_size].astype(np.uint8)

    def probability(self, list_size: int, page_size: int) -> Floats:
        """P(rank k) = integral over t of w e^(-w t) P(exactly k - 1 of the others came before t) [L, K].

        The documents are a race of exponential clocks with rates w; the number of earlier ones is Poisson-binomial. The
        integral over ln t, whose integrand falls off exponentially on both sides, is taken by the trapezoidal rule.
        """
        step = 0.05
        log_weight = -np.log(np.arange(1, list_size + 1)) / self.jitter
        log_time = np.arange(np.log(1e-10), np.log(60) - log_weight[-1], step)
        log_hazard = np.minimum(log_weight[:, None] + log_time, 700)  # [L, T]; e^700 is as good as infinite
        before = -np.expm1(-np.exp(log_hazard))  # P(document came before t)
        earlier = np.zeros((list_size, page_size, len(log_time)))  # exactly 0 .. K - 1 of the others came before t
        earlier[:, 0] = 1
        for other in range(list_size):
            rows = np.arange(list_size) != other
            came, row = before[other], earlier[rows]
            row[:, 1:] = row[:, 1:] * (1 - came) + row[:, :-1] * came
            row[:, 0] *= 1 - came
            earlier[rows] = row
        density = np.exp(log_hazard - np.exp(log_hazard))
        found: Floats = np.einsum("lt,lkt->lk", density, earlier) * step
        return found

    def describe(self) -> str:
        """The policy, in a phrase."""
        return f"Plackett-Luce with jitter {self.jitter:g}"
