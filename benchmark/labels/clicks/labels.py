"""Labels from clicks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.labels_of_counts import ctr_labels, estimated_strength, ips_labels, weighted_deviation
from benchmark.labels.clicks.models.fitting.priors import Prior
from benchmark.labels.clicks.models.model import ClickModel, prior_deviation
from benchmark.labels.clicks.models.pbm import PositionBasedModel
from benchmark.labels.clicks.models.registry import fitted
from benchmark.training.view import TrainingView

Floats = npt.NDArray[np.float64]
Method = Literal["ctr", "ips", "pbm", "ubm", "cascade", "dcm", "ccm", "dbn", "sdbn", "trust"]
WITH_PRIOR: tuple[Method, ...] = ("pbm", "ubm")
"""Methods whose click model keeps the Beta prior of its rate."""


@dataclass(frozen=True)
class ClickLabels:
    """Labels [n, L] from the click log: y = max(0, r - mean r) of a document that was clicked, else 0.

    What clicks say of a document is how far its rate r lies above the mean of the training questions. One that was
    hardly shown, and not clicked, keeps about the rate of the prior: that may lie above the mean, and is no evidence. A
    list without a click so has no label above 0. A document that was never shown has none (NaN).

    r by method: `ctr`, smoothed click-through rate; `ips`, clicks weighted by inverse examination, which is estimated
    from the log; otherwise the `relevance` of that click model. `strength` is the weight of the prior, in impressions;
    None: estimated from the log. `ips` takes no examination for less than `clip`. Raises `ConfigurationError` for
    another method, a `strength` below 0 and a `clip` outside (0, 1].
    """

    method: Method = "pbm"
    strength: float | None = None
    clip: float = 0.1

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise ConfigurationError(
                f"click labels by {self.method!r} are unknown; use one of {', '.join(get_args(Method))}"
            )
        if self.strength is not None and not 0 <= self.strength < np.inf:
            raise ConfigurationError(f"click labels need a finite strength of at least 0, got {self.strength:g}")
        if not 0 < self.clip <= 1:
            raise ConfigurationError(f"click labels need a clip in (0, 1], got {self.clip:g}")

    def label(self, view: TrainingView) -> Floats:
        """The label of each candidate of each training question."""
        impressions, clicks = view.log.only(view.qids).counts()
        if self.method == "ctr":
            rate = ctr_labels(impressions, clicks, self._strength(view))
        elif self.method == "ips":
            rate = ips_labels(impressions, clicks, self._examination(view), self._strength(view), self.clip)
        else:
            rate = self._rows(self._model(view).relevance, view)
        rate = np.where(impressions.sum(axis=2) > 0, rate, np.nan)
        above = np.maximum(rate - np.nanmean(rate), 0.0)
        return np.where(np.isnan(above) | (clicks.sum(axis=2) > 0), above, 0.0)

    def deviation(self, view: TrainingView) -> Floats:
        """Posterior standard deviation [n, L] of each rate r; the prior's for a document that was never shown.

        For `ctr` and `ips` see `weighted_deviation`. NaN for a click model and a question that is not in the log.
        """
        if self.method not in ("ctr", "ips"):
            return self._rows(self._model(view).deviation, view)
        counts = view.log.only(view.qids).counts()
        return weighted_deviation(*counts, self._weight(view), self._strength(view))

    def prior_deviation(self, view: TrainingView) -> float:
        """Prior standard deviation of a rate r of which nothing is known: what `deviation` is compared with.

        sqrt(m (1 - m) / (s + 1)) of the Beta(s m, s (1 - m)) that the log gave. A pair's posterior deviation may be
        larger: a click on a document that was hardly seen makes its rate likelier to be high, and less certain. Raises
        `ConfigurationError` for a method without such a prior.
        """
        if self.method not in WITH_PRIOR:
            raise ConfigurationError(
                f"click labels by {self.method!r} have no prior deviation; use one of {', '.join(WITH_PRIOR)}"
            )
        return prior_deviation(self._model(view))

    def provenance(self, view: TrainingView) -> str:
        """Which clicks, and what was made of them."""
        kind = "simulated clicks" if view.log.simulated else "clicks"
        return f"{kind}: {len(view.log):,} impressions, {self.method}"

    def _model(self, view: TrainingView) -> ClickModel:
        """Fitted to the whole log: positions are examined alike whichever questions are trained on."""
        return fitted(self.method, view.log, Prior(strength=self.strength))

    def _examination(self, view: TrainingView) -> Floats:
        return _position_based(view).examination

    def _weight(self, view: TrainingView) -> Floats:
        """What a click at each rank counts [K]."""
        if self.method == "ctr":
            return np.ones(view.log.page_size)
        return 1 / np.maximum(self._examination(view), self.clip)

    def _strength(self, view: TrainingView) -> float:
        return estimated_strength(*view.log.counts(), self._weight(view)) if self.strength is None else self.strength

    def _rows(self, values: Floats, view: TrainingView) -> Floats:
        """Values of pairs [P] as those of the candidates of the training questions [n, L]."""
        log = view.log
        at = log.rows(view.qids)
        rows = values.reshape(len(log.qids), log.list_size)[at]
        return np.where((at >= 0)[:, None], rows, np.nan)


def _position_based(view: TrainingView) -> PositionBasedModel:
    model = fitted("pbm", view.log)
    if not isinstance(model, PositionBasedModel):
        raise TypeError(f"the click model pbm is a {type(model).__name__}")
    return model
