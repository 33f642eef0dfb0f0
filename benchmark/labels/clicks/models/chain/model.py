"""Pages read from the top: examination of a rank depends only on examination and click at the rank above."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.fitting.priors import EDGE
from benchmark.labels.clicks.models.fitting.probabilities import within
from benchmark.labels.clicks.pages import Pages

Floats = npt.NDArray[np.float64]


class ChainModel(ABC):
    """Rank 1 is examined; an examined document is clicked with probability a (its attraction).

    Below an examined rank without a click the user examines the next with probability `f`, below a click with
    probability g. f is one number for the log; g may depend on the document and on the rank.
    """

    @abstractmethod
    def chain(self, pages: Pages) -> tuple[Floats, float, Floats]:
        """a [I, K], f, and g [I, K] of the documents on `pages`; any number where there is none."""

    def conditional(self, pages: Pages) -> Floats:
        """P(c_k = 1 | c_1 .. c_{k-1}) = a_k e_k [I, K], with e_1 = 1, e_{k+1} = g_k after a click, and otherwise
        e_{k+1} = f (1 - a_k) e_k / (1 - a_k e_k), by Bayes.
        """
        attraction, after_skip, after_click = self.chain(pages)
        probability = np.empty(pages.pair.shape)
        examined = np.ones(len(pages))
        for k in range(pages.pair.shape[1]):
            a = attraction[:, k]
            probability[:, k] = a * examined
            passed = after_skip * (1 - a) * examined / np.maximum(1 - a * examined, EDGE)
            examined = np.where(pages.clicked[:, k], after_click[:, k], passed)
        return within(probability, pages)

    def marginal(self, pages: Pages) -> Floats:
        """P(c_k = 1) = a_k e_k [I, K], with e_1 = 1 and e_{k+1} = e_k (a_k g_k + (1 - a_k) f); clicks are not read."""
        attraction, after_skip, after_click = self.chain(pages)
        probability = np.empty(pages.pair.shape)
        examined = np.ones(len(pages))
        for k in range(pages.pair.shape[1]):
            a = attraction[:, k]
            probability[:, k] = a * examined
            examined = examined * (a * after_click[:, k] + (1 - a) * after_skip)
        return within(probability, pages)
