"""Users whom a clicked document may satisfy (DBN)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.labels.clicks.simulate.browsing.browsing import Floats
from benchmark.labels.clicks.simulate.browsing.chain import Chain
from benchmark.labels.clicks.simulate.checks import check_probabilities


@dataclass(frozen=True)
class DynamicBayesian(Chain):
    """A chain that ends after a click with the satisfaction s of the clicked document, else goes on with `gamma`.

    after_click = gamma (1 - s), after_skip = gamma. Source: Chapelle and Zhang, A Dynamic Bayesian Network Click Model
    for Web Search Ranking, WWW 2009. Default chosen, not published.
    """

    uses_satisfaction: ClassVar[bool] = True
    gamma: float = 0.9

    def __post_init__(self) -> None:
        check_probabilities("DynamicBayesian", "gamma", (self.gamma,))

    def after_click(self, rank: int, attraction: Floats, satisfaction: Floats) -> Floats:
        """gamma (1 - s)."""
        return self.gamma * (1 - satisfaction)

    def after_skip(self) -> float:
        """gamma."""
        return self.gamma

    def describe(self) -> str:
        """The parameters, in a phrase."""
        return f"dynamic Bayesian (gamma {self.gamma:g})"
