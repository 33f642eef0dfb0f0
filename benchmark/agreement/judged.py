"""From rows of judgments to labels of the candidate lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.agreement.arrays import Floats
from benchmark.agreement.source import Preferred, Shown, Source
from benchmark.errors import DataError

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
    row, column = _places(frame["qid"], frame["docno"], np.asarray(qids), lists)
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
        other_row, other_column = _places(frame["qid"], frame["other"], np.asarray(qids), lists)
        both = ok & (other_row >= 0)
        rows, columns = np.r_[row[both], other_row[both]], np.r_[column[both], other_column[both]]
        values = _mean(rows, columns, np.r_[value[both], 1 - value[both]], lists.shape)
    else:
        values = _mean(row[ok], column[ok], value[ok], lists.shape)
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


def grade_top(frame: pd.DataFrame, method: str, settings: dict[str, object]) -> int | None:
    """The best grade of a scale 0 ... top: as the settings say, else one less than the answers that have a probability,
    else as the method's name says (`graded-3`); None where nothing does."""
    if isinstance(said := settings.get("top"), int):
        return said
    if "log_probabilities" in frame.columns:
        answers = frame["log_probabilities"].dropna().map(len)
        if len(answers) and answers.max() > 1:
            return int(answers.max()) - 1
    named = re.search(r"-(\d+)(?:-|$)", method)
    return int(named[1]) if named else None


def _places(
    qid: pd.Series[str], docno: pd.Series[str], qids: npt.NDArray[np.str_], lists: npt.NDArray[np.str_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row and column of each (qid, docno) in the lists, -1 where it is not in them."""
    pairs = pd.MultiIndex.from_arrays([np.repeat(qids, lists.shape[1]).astype(object), lists.ravel().astype(object)])
    at = pairs.get_indexer(pd.MultiIndex.from_arrays([qid.to_numpy(object), docno.to_numpy(object)])).astype(np.int64)
    return np.where(at >= 0, at // lists.shape[1], -1), np.where(at >= 0, at % lists.shape[1], -1)


def _mean(row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], value: Floats, shape: tuple[int, ...]) -> Floats:
    cell, size = row * shape[1] + column, shape[0] * shape[1]
    count, total = np.bincount(cell, minlength=size), np.bincount(cell, value, minlength=size)
    mean = np.full(size, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean.reshape(shape)


def _categories(values: Floats, asked: Asked, given: Floats) -> tuple[Floats | None, int]:
    if asked.scale in ("yes-no", "selection"):
        return np.where(np.isnan(values), np.nan, (values >= 0.5).astype(np.float64)), 1
    if asked.scale != "grade":
        return None, 1
    top = asked.top if asked.top is not None else int(given.max(initial=1))
    if ((given < 0) | (given > top)).any():
        raise DataError(f"judgments {asked.name}: a grade is not between 0 and {top}; restore the published file")
    return np.floor(values + 0.5), top
