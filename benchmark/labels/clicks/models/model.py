"""What every fitted click model offers."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.fitting.priors import Beta
from benchmark.labels.clicks.pages import Pages

Floats = npt.NDArray[np.float64]


class ClickModel(Protocol):
    """A click model fitted to a log of P pairs on pages of at most K documents.

    Where a page has no document (`pair` -1), probabilities are 0. A pair that the log never showed has the mean of the
    prior. Probabilities lie in [1e-9, 1 - 1e-9] where there is a document, so no log-likelihood is infinite.
    """

    @property
    def relevance(self) -> Floats:
        """The label of each pair [P], in [0, 1]: attraction; times satisfaction in models that know it."""
        ...

    @property
    def deviation(self) -> Floats:
        """Posterior standard deviation of `relevance` [P]: large where the log says little."""
        ...

    def conditional(self, pages: Pages) -> Floats:
        """P(c_k = 1 | c_1 .. c_{k-1}) of each document [I, K]; its product over a page is the likelihood."""
        ...

    def marginal(self, pages: Pages) -> Floats:
        """P(c_k = 1) of each document [I, K], whatever was clicked above it; `pages.clicked` is not read."""
        ...


@runtime_checkable
class WithPrior(Protocol):
    """A click model that keeps the Beta prior of its `relevance`."""

    @property
    def prior(self) -> Beta:
        """The prior that the log gave."""
        ...


def prior_deviation(model: ClickModel) -> float:
    """sqrt(m (1 - m) / (s + 1)) of the model's Beta(s m, s (1 - m)) prior; raises `TypeError` for one without."""
    if not isinstance(model, WithPrior):
        raise TypeError(f"{type(model).__name__} has no prior of relevance")
    return model.prior.deviation
