"""From rows of judgments to labels of the candidate lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from benchmark.agreement.arrays import Floats
from benchmark.agreement.source import Preferred, Shown, Source
from benchmark.errors import DataError
from benchmark.labels.llm.grades import expected_grades
from benchmark.labels.llm.judgments.judgment import Scale
from benchmark.labels.llm.judgments.places import mean_by_place, places

SCALES: tuple[str, ...] = get_args(Scale)
OUTSIDE = "outside the list"


@dataclass(frozen=True)
class Asked:
    """Who was asked, and how: what stands beside the numbers."""

    name: str
    scale: str
    method: str = ""
    model: str = ""
    prompt: str = ""
    language: str = ""
    top: int | None = None
    shuffled: bool = False
    weights: str = ""
    wording: tuple[str, ...] = ()


def judged(
    frame: pd.DataFrame, asked: Asked, qids: npt.ArrayLike, docnos: npt.ArrayLike, log_p: Floats | None = None
) -> Source:
    """The judgments `frame` [m] as labels of the lists `docnos` [Q, L] of `qids` [Q].

    Columns: qid, docno, status, value, position, order, and `other` where the scale is a preference; `log_p` [m, A] are
    the log-probabilities of the answers. A document judged in several orders has the mean of its values; a rank is
    turned round, so that higher is better; a grade is the expected one where the judge told the probabilities of its
    grades; of preferences a document has the mean over the pairs that it was in. Categories: yes-no P >= 1/2, a
    selection in at least half of the orders, a grade the mean of those given, rounded (half up); none of likelihoods,
    ranks and preferences. A judge that only wrote yes or no, stored as 1 and 0, tells no probability. Raises
    `DataError` for an unknown scale.
    """
    if asked.scale not in SCALES:
        raise DataError(f"judgments {asked.name}: scale {asked.scale!r} is unknown; known: {', '.join(SCALES)}")
    lists = np.asarray(docnos)
    row, column = places(frame["qid"], frame["docno"], qids, lists)
    known = row >= 0
    ok = known & frame["status"].eq("ok").to_numpy() & frame["value"].notna().to_numpy()
    statuses = {
        str(name): int(count) for name, count in frame["status"].astype(str)[known].value_counts().sort_index().items()
    }
    if outside := int((~known).sum()):
        statuses[OUTSIDE] = outside
    told = np.empty((len(frame), 0)) if log_p is None else log_p
    given = frame["value"].to_numpy(np.float64)
    value = _values(given, told, asked.scale)
    place, order = (frame[name].to_numpy(np.int64)[ok] for name in ("position", "order"))
    shown = preferred = None
    if asked.scale == "preference":
        other_row, other_column = places(frame["qid"], frame["other"], qids, lists)
        both = ok & (other_row >= 0)
        rows, columns = np.r_[row[both], other_row[both]], np.r_[column[both], other_column[both]]
        values = mean_by_place(rows, columns, np.r_[value[both], 1 - value[both]], lists.shape)
        docno, other = (frame[name].to_numpy(dtype=str)[ok] for name in ("docno", "other"))
        preferred = _preferred(Preferred(row[ok], docno, other, place, value[ok]), told[ok])
    else:
        values = mean_by_place(row[ok], column[ok], value[ok], lists.shape)
        if len(place) and (place.max() > 1 or order.max() > 0):
            shown = Shown(row[ok], column[ok], place, order, value[ok])
    said = mean_by_place(row[ok], column[ok], given[ok], lists.shape) if asked.scale == "grade" else values
    categories, top = _categories(said, asked, given[ok])
    return Source(
        asked.name,
        "llm",
        values,
        categories,
        top,
        probability=asked.scale == "yes-no" and bool(((given[ok] > 0) & (given[ok] < 1)).any()),
        scale=asked.scale,
        method=asked.method,
        model=asked.model,
        prompt=asked.prompt,
        language=asked.language,
        shuffled=asked.shuffled,
        weights=asked.weights,
        wording=asked.wording,
        statuses=statuses,
        shown=shown,
        preferred=preferred,
    )


def _values(given: Floats, log_p: Floats, scale: str) -> Floats:
    """What orders documents [m], higher for better."""
    if scale == "rank":
        return -given
    return expected_grades(given, log_p) if scale == "grade" else given


def _preferred(pairs: Preferred, log_p: Floats) -> Preferred:
    """Both orders of a pair where the judge told (log P(A), log P(B)) of each; of the others what was stored.

    A is the document shown first: `docno` in the first order, `other` in the second.
    """
    if log_p.shape[1] != 4:
        return pairs
    told = ~np.isnan(log_p).any(axis=1)
    forward, backward = expit(log_p[told, 0] - log_p[told, 1]), expit(log_p[told, 3] - log_p[told, 2])
    both, rest = np.flatnonzero(told), np.flatnonzero(~told)
    rows = np.concatenate([rest, both, both])
    return Preferred(
        pairs.query[rows],
        pairs.docno[rows],
        pairs.other[rows],
        position=np.concatenate([pairs.position[rest], np.full(len(both), 1), np.full(len(both), 2)]),
        value=np.concatenate([pairs.value[rest], forward, backward]),
    )


def _categories(values: Floats, asked: Asked, given: Floats) -> tuple[Floats | None, int]:
    if asked.scale in ("yes-no", "selection"):
        return np.where(np.isnan(values), np.nan, (values >= 0.5).astype(np.float64)), 1
    if asked.scale != "grade":
        return None, 1
    top = asked.top if asked.top is not None else int(given.max(initial=1))
    if ((given < 0) | (given > top)).any():
        raise DataError(f"judgments {asked.name}: a grade is not between 0 and {top}; restore the published file")
    return np.floor(values + 0.5), top
