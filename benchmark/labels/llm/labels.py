"""Judgments as labels of ranked lists."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.list_scores import list_scores

Floats = npt.NDArray[np.float64]
SHARPENED = 0.7
"""A temperature that makes up for judges that say "yes" to most documents; chosen on dev for the strongest judge."""


def list_labels(judgments: Judgments, qids: npt.ArrayLike, docnos: npt.ArrayLike, temperature: float = 1.0) -> Floats:
    """y_i = exp(s_i / T) / sum_j exp(s_j / T) [n, L], s the `list_scores`; NaN where a document was not judged.

    Sums run over the judged documents of a list. T -> 0 puts all weight on the best document, T -> infinity shares it
    equally. Raises `ConfigurationError` when `temperature` is not positive.
    """
    check_temperature(temperature)
    return _softmax(list_scores(judgments, qids, docnos) / temperature)


def check_temperature(temperature: float) -> None:
    """Raises `ConfigurationError` unless the temperature of labels is a positive number."""
    if not (np.isfinite(temperature) and temperature > 0):
        raise ConfigurationError(f"temperature must be positive, got {temperature}; 1 is the judge's own certainty")


def _softmax(scores: Floats) -> Floats:
    """Softmax of each row over its numbers; NaN stays NaN and counts nothing."""
    judged = ~np.isnan(scores)
    filled = np.where(judged, scores, -np.inf)
    highest = np.max(filled, axis=1, keepdims=True, initial=-np.inf)
    weight = np.exp(filled - np.where(np.isfinite(highest), highest, 0.0))
    total = weight.sum(axis=1, keepdims=True)
    return np.where(judged, weight / np.where(total > 0, total, 1.0), np.nan)
