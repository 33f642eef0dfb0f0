"""Judgments as labels of ranked lists."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments

LabelMethod = Literal["posterior", "p-yes", "likelihood"]
_ASKS = {"posterior": "yes-no", "p-yes": "yes-no", "likelihood": "query-likelihood"}


def list_labels(
    judgments: Judgments,
    qids: npt.ArrayLike,
    docnos: npt.ArrayLike,
    method: LabelMethod,
    temperature: float = 1.0,
) -> npt.NDArray[np.float64]:
    """Labels y [n, L] of the lists `docnos` [n, L] shown for `qids` [n]; NaN where a pair was not judged.

    posterior   y_i = odds_i^(1/T) / sum_j odds_j^(1/T), odds = p / (1 - p), p = p_yes. At T = 1 this is the posterior
                that exactly document i answers: with independent judgments p, "i answers and no other does" has
                probability p_i prod_{j != i} (1 - p_j), which is odds_i times a factor that all documents share.
    likelihood  y_i = exp(l_i / T) / sum_j exp(l_j / T), l = log P(question | document): the posterior of the document
                that the question was asked of, all equally likely before (Ponte & Croft, 1998).
    p-yes       y_i = p_yes, whatever else is in the list; `temperature` is not used.

    Sums run over the judged documents of a list. T -> 0 puts all weight on the best document, T -> infinity shares it
    equally. Raises `ConfigurationError` when the judgments are of another kind or `temperature` is not positive.
    """
    if _ASKS.get(method) != judgments.method:
        fitting = [name for name, asked in _ASKS.items() if asked == judgments.method]
        raise ConfigurationError(
            f"label method {method!r} does not fit {judgments.method} judgments; use {' or '.join(fitting)}"
        )
    if not (np.isfinite(temperature) and temperature > 0):
        raise ConfigurationError(f"temperature must be positive, got {temperature}; 1 is the posterior itself")
    if method == "p-yes":
        return _joined(judgments, judgments.p_yes, qids, docnos)
    table = judgments.table
    if method == "posterior":  # the log of the odds, since log_yes and log_no share their normaliser
        scores = table["log_yes"].to_numpy(np.float64) - table["log_no"].to_numpy(np.float64)
    else:
        scores = table["log_likelihood"].to_numpy(np.float64)
    return _softmax(_joined(judgments, scores, qids, docnos) / temperature)


def _joined(
    judgments: Judgments, values: npt.NDArray[np.float64], qids: npt.ArrayLike, docnos: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """The value [n, L] of each (qid, docno), NaN where there is none."""
    documents = np.asarray(docnos)
    known_qids, qid_code = np.unique(judgments.table["qid"].to_numpy(object), return_inverse=True)
    known_docnos, docno_code = np.unique(judgments.table["docno"].to_numpy(object), return_inverse=True)
    key = qid_code.astype(np.int64) * len(known_docnos) + docno_code
    row = pd.Index(known_qids).get_indexer(pd.Index(np.asarray(qids).ravel()))[:, None]
    column = pd.Index(known_docnos).get_indexer(pd.Index(documents.ravel())).reshape(documents.shape)
    wanted = np.where((row >= 0) & (column >= 0), row.astype(np.int64) * len(known_docnos) + column, -1)
    found = pd.Index(key).get_indexer(pd.Index(wanted.ravel())).reshape(documents.shape)
    return np.where(found >= 0, values[found], np.nan)


def _softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Softmax of each row over its numbers; NaN stays NaN and counts nothing."""
    judged = ~np.isnan(scores)
    filled = np.where(judged, scores, -np.inf)
    highest = np.max(filled, axis=1, keepdims=True, initial=-np.inf)
    weight = np.exp(filled - np.where(np.isfinite(highest), highest, 0.0))
    total = weight.sum(axis=1, keepdims=True)
    return np.where(judged, weight / np.where(total > 0, total, 1.0), np.nan)
