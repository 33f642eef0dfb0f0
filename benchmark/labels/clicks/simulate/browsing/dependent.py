"""Users who go on after a click with a probability that depends on the rank (DCM)."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.labels.clicks.simulate.browsing.browsing import Floats
from benchmark.labels.clicks.simulate.browsing.chain import Chain
from benchmark.labels.clicks.simulate.checks import by_rank, check_probabilities
from benchmark.labels.clicks.simulate.words import span


@dataclass(frozen=True)
class DependentClick(Chain):
    """A chain that goes on after a click at rank k with probability `further[k]` (lambda_k), and always after none.

    Source: Guo, Liu and Wang, Efficient Multiple-Click Models in Web Search, WSDM 2009. Default chosen, not published.
    """

    further: tuple[float, ...] = (0.5,) * 10

    def __post_init__(self) -> None:
        check_probabilities("DependentClick", "further", self.further)

    def after_click(self, rank: int, attraction: Floats, satisfaction: Floats) -> float:
        """lambda_k."""
        return float(by_rank("DependentClick", "further", self.further, rank + 1)[rank])

    def describe(self) -> str:
        """The parameters, in a phrase."""
        return f"dependent click (lambda {span(self.further)})"
