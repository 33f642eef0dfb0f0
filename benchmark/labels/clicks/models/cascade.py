"""The cascade model: the user reads from the top, clicks on the first attractive document, and leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain.model import ChainModel
from benchmark.labels.clicks.models.counting.statistics import count_cells
from benchmark.labels.clicks.models.fitting.events import Events
from benchmark.labels.clicks.models.fitting.priors import ESTIMATED, Prior
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CascadeModel(ChainModel):
    """P(click | examined) = a, the `attraction` [P] of a pair; f = 1 and g = 0.

    Below the first click nothing is examined: a second click is impossible, and `conditional` gives it the smallest
    probability that a click model may give. (The library clax 0.1.1 takes marginal probabilities for conditional ones
    here, prod (1 - a) a down to the first click; its likelihood of this model is another, and lower.)
    Source: Craswell et al., WSDM 2008.
    """

    attraction: Floats
    deviation: Floats
    iterations: int = 0
    converged: bool = True

    @property
    def relevance(self) -> Floats:
        """a [P]."""
        return self.attraction

    def chain(self, pages: Pages) -> tuple[Floats, float, Floats]:
        """a, 1, and 0."""
        return self.attraction[pages.pair], 1.0, np.zeros(pages.pair.shape)


def fit_cascade(source: PageSource, *, prior: Prior = ESTIMATED) -> CascadeModel:
    """a = first clicks / impressions at or above the first click: the exact maximum, with no prior.

    What lies below the first click of a page, clicked or not, is left out: the model holds that it was never examined.
    """
    statistics = count_cells(source, 2, below_first_click)
    examined = statistics.context == 0
    events = Events(
        statistics.everywhere(statistics.by_pair(np.where(examined, statistics.clicks, 0)), 0.0),
        statistics.everywhere(statistics.by_pair(np.where(examined, statistics.impressions, 0)), 0.0),
    )
    return CascadeModel(*events.posterior(np.zeros_like(events.trials), events.beta(prior)))


def below_first_click(pages: Pages) -> npt.NDArray[np.int64]:
    """1 below the first click of a page, else 0 [I, K]."""
    clicks = np.cumsum(pages.clicked, axis=1, dtype=np.int64)
    below: npt.NDArray[np.int64] = np.minimum(clicks - pages.clicked, 1)
    return below
