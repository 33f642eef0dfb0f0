"""From rows of judgments to labels of the candidate lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.agreement.arrays import Floats
from benchmark.agreement.source import Preferred, Shown, Source
from benchmark.errors import DataError
from benchmark.labels.llm.judgments.places import mean_by_place, places

SCALES = ("yes-no", "likelihood", "grade", "selection", "rank", "preference")
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


def judged(frame: pd.DataFrame, asked: Asked, qids: npt.ArrayLike, docnos: npt.ArrayLike) -> Source:
    """The judgments `frame` as labels of the lists `docnos` [Q, L] of `qids` [Q].

    Columns: qid, docno, status, value, position, order, and `other` where the scale is a preference. A document judged
    in several orders has the mean of its values; a rank is turned round, so that higher is better; of preferences a
    document has the mean over the pairs that it was in. Categories: yes-no P >= 1/2, a selection in at least half of
    the orders, a grade the mean rounded (half up); none of likelihoods, ranks and preferences. Raises `DataError` for
    an unknown scale.
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
    given = frame["value"].to_numpy(np.float64)
    value = -given if asked.scale == "rank" else given
    place, order = (frame[name].to_numpy(np.int64)[ok] for name in ("position", "order"))
    if asked.scale == "preference":
        other_row, other_column = places(frame["qid"], frame["other"], qids, lists)
        both = ok & (other_row >= 0)
        rows, columns = np.r_[row[both], other_row[both]], np.r_[column[both], other_column[both]]
        values = mean_by_place(rows, columns, np.r_[value[both], 1 - value[both]], lists.shape)
    else:
        values = mean_by_place(row[ok], column[ok], value[ok], lists.shape)
    shown = preferred = None
    if asked.scale == "preference":
        docno, other = (frame[name].to_numpy(dtype=str)[ok] for name in ("docno", "other"))
        preferred = Preferred(row[ok], docno, other, place, value[ok])
    elif len(place) and (place.max() > 1 or order.max() > 0):
        shown = Shown(row[ok], column[ok], place, order, value[ok])
    categories, top = _categories(values, asked, value[ok])
    return Source(
        asked.name,
        "llm",
        values,
        categories,
        top,
        probability=asked.scale == "yes-no",
        scale=asked.scale,
        method=asked.method,
        model=asked.model,
        prompt=asked.prompt,
        language=asked.language,
        statuses=statuses,
        shown=shown,
        preferred=preferred,
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
