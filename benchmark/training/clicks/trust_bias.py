"""Trust bias by rank, estimated from the log: how clicks rise with relevance, and how many come without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.registry import fitted
from benchmark.labels.clicks.models.trust import TrustBiasModel
from benchmark.training.view import TrainingView

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrustBias:
    """P(click | pair of relevance R at rank k) = `slope`[k] R + `offset`[k]; both [K]."""

    slope: Floats
    offset: Floats


def estimated_trust_bias(view: TrainingView) -> TrustBias:
    """The trust bias of the view's whole log, by the click model `trust` (see `fit_trust`, and what it holds fixed)."""
    model = fitted("trust", view.log)
    if not isinstance(model, TrustBiasModel):
        raise TypeError(f"the click model trust is a {type(model).__name__}")
    return TrustBias(np.maximum(model.slope, 1e-6), model.irrelevant)
