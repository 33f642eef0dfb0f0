"""Values of pairs laid out on pages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.fitting.priors import EDGE
from benchmark.labels.clicks.pages import Pages

Floats = npt.NDArray[np.float64]


def of_pairs(values: Floats, pages: Pages) -> Floats:
    """The value of each document's pair [I, K], 0 where there is no document; `values` [P]."""
    return np.where(pages.shown, values[np.maximum(pages.pair, 0)], 0.0)


def within(probability: Floats, pages: Pages) -> Floats:
    """Probabilities [I, K] in [EDGE, 1 - EDGE] where there is a document, 0 elsewhere."""
    return np.where(pages.shown, np.clip(probability, EDGE, 1 - EDGE), 0.0)
