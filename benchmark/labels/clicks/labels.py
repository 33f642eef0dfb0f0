"""Labels from clicks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.pbm import PositionBasedModel, fit_pbm
from benchmark.training.view import TrainingView

Floats = npt.NDArray[np.float64]


def ctr_labels(impressions: npt.NDArray[np.int64], clicks: npt.NDArray[np.int64], strength: float) -> Floats:
    """Smoothed click-through rate [Q, L] of counts [Q, L, K]: (c + s m) / (n + s), m the rate of the whole log."""
    shown, clicked = impressions.sum(axis=2), clicks.sum(axis=2)
    mean = clicked.sum() / max(shown.sum(), 1)
    rate: Floats = (clicked + strength * mean) / (shown + strength)
    return rate


def ips_labels(
    impressions: npt.NDArray[np.int64], clicks: npt.NDArray[np.int64], examination: Floats, strength: float, clip: float
) -> Floats:
    """Inverse propensity scored rate [Q, L]: (sum_k c_k / max(e_k, clip) + s m) / (n + s), m its mean over the log.

    Without clipping and smoothing its expectation is the attraction of a position-based user. Source: Joachims et al.,
    Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017, section 4.
    """
    shown = impressions.sum(axis=2)
    weighted = clicks @ (1 / np.maximum(examination, clip))
    mean = weighted.sum() / max(shown.sum(), 1)
    rate: Floats = (weighted + strength * mean) / (shown + strength)
    return rate


@dataclass(frozen=True)
class ClickLabels:
    """Labels [n, L] from the click log: y = max(0, r - mean r); a document that was never shown has none (NaN).

    What clicks say of a document is how far its rate r lies above the mean of the training questions: a list that was
    hardly shown then has labels near 0 and says nothing, instead of the same thing about every document.

    r by method: `ctr`, smoothed click-through rate; `ips`, clicks weighted by inverse examination, which is estimated
    from the log; `pbm`, attraction by a position-based model. `strength` is the weight of the prior, in impressions.
    """

    method: Literal["ctr", "ips", "pbm"] = "pbm"
    strength: float = 2.0
    clip: float = 0.1

    def label(self, view: TrainingView) -> Floats:
        """The label of each candidate of each training question."""
        impressions, clicks = view.log.only(view.qids).counts()
        if self.method == "ctr":
            rate = ctr_labels(impressions, clicks, self.strength)
        else:
            model = _click_model(view.log, self.strength)
            rate = (
                ips_labels(impressions, clicks, model.examination, self.strength, self.clip)
                if self.method == "ips"
                else _rows(model.attraction, view.log.qids, view.qids)
            )
        rate = np.where(impressions.sum(axis=2) > 0, rate, np.nan)
        return np.maximum(rate - np.nanmean(rate), 0.0)

    def provenance(self, view: TrainingView) -> str:
        """Which clicks, and what was made of them."""
        kind = "simulated clicks" if view.log.simulated else "clicks"
        return f"{kind}: {len(view.log):,} impressions, {self.method}"


def _rows(values: Floats, known: npt.NDArray[np.str_], wanted: npt.NDArray[np.str_]) -> Floats:
    order = np.argsort(known)
    rows: Floats = values[order[np.searchsorted(known, wanted, sorter=order)]]
    return rows


@lru_cache(maxsize=8)
def _click_model(log: ImpressionLog, strength: float) -> PositionBasedModel:
    """The model of the whole log: positions are examined alike whichever questions are trained on."""
    return fit_pbm(*log.counts(), prior_strength=strength)
