"""Users who go on after a click the sooner, the less attractive the clicked document was (CCM)."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.labels.clicks.simulate.browsing.browsing import Floats
from benchmark.labels.clicks.simulate.browsing.chain import Chain
from benchmark.labels.clicks.simulate.checks import check_probabilities


@dataclass(frozen=True)
class ClickChain(Chain):
    """A chain with after_skip = skipped, after_click = disappointed (1 - a) + pleased a: alpha_1, alpha_2, alpha_3.

    Source: Guo et al., Click Chain Model in Web Search, WWW 2009. Defaults chosen, not published.
    """

    skipped: float = 0.9
    disappointed: float = 0.8
    pleased: float = 0.3

    def __post_init__(self) -> None:
        for name in ("skipped", "disappointed", "pleased"):
            check_probabilities("ClickChain", name, (getattr(self, name),))

    def after_click(self, rank: int, attraction: Floats, satisfaction: Floats) -> Floats:
        """alpha_2 (1 - a) + alpha_3 a."""
        return self.disappointed + (self.pleased - self.disappointed) * attraction

    def after_skip(self) -> float:
        """alpha_1."""
        return self.skipped

    def describe(self) -> str:
        """The parameters, in a phrase."""
        return f"click chain (alpha {self.skipped:g}, {self.disappointed:g}, {self.pleased:g})"
