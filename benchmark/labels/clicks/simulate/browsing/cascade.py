"""Users who click the first attractive document and leave."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.labels.clicks.simulate.browsing.browsing import Floats
from benchmark.labels.clicks.simulate.browsing.chain import Chain


@dataclass(frozen=True)
class Cascade(Chain):
    """P(c_k = 1) = a_k prod_{j<k} (1 - a_j): at most one click on a page.

    Source: Craswell et al., An Experimental Comparison of Click Position-Bias Models, WSDM 2008.
    """

    def after_click(self, rank: int, attraction: Floats, satisfaction: Floats) -> float:
        """0: the user leaves."""
        return 0.0

    def describe(self) -> str:
        """The model, in a phrase."""
        return "cascade"
