"""The rows of a judgments file: their columns, what makes them wrong, and their hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from benchmark.labels.llm.judgments.judgment import Judgment, Scale, Status

KEY = ["qid", "docno", "other", "order"]
SCHEMA = pa.schema(
    {
        "qid": pa.string(),
        "docno": pa.string(),
        "other": pa.string(),
        "status": pa.string(),
        "value": pa.float32(),
        "log_probabilities": pa.list_(pa.float32()),
        "position": pa.int16(),
        "order": pa.int16(),
    }
)
_ID = re.compile(r"[\w.:/#+@~=-]{1,64}")  # no spaces: an id cannot carry a text
_ROUNDING = 1e-4  # what rounded log-probabilities may exceed a whole by
_DIGITS = 5
_RANGE: dict[Scale, tuple[float, float, bool]] = {  # least and greatest value, and whether it is a whole number
    "yes-no": (0, 1, False),
    "likelihood": (-np.inf, _ROUNDING, False),
    "grade": (0, 100, True),
    "selection": (0, 1, True),
    "rank": (1, np.inf, True),
    "preference": (0, 1, False),
}


def to_rows(judgments: Iterable[Judgment]) -> pa.Table:
    """The judgments as rows, sorted; log-probabilities rounded to five digits after the point."""
    held = list(judgments)
    columns = {name: [getattr(judgment, name) for judgment in held] for name in SCHEMA.names}
    columns["log_probabilities"] = [[round(each, _DIGITS) for each in one] for one in columns["log_probabilities"]]
    return pa.table(columns, schema=SCHEMA).sort_by([(name, "ascending") for name in KEY])


def split(rows: pa.Table) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """The table without log-probabilities, and these as an array [m, A], NaN where a judgment has fewer."""
    lists = rows.column("log_probabilities").combine_chunks()
    sizes = np.asarray(lists.value_lengths().fill_null(0))
    array = np.full((len(rows), int(sizes.max(initial=0))), np.nan)
    array[np.arange(array.shape[1]) < sizes[:, None]] = np.asarray(lists.flatten())
    return rows.drop_columns(["log_probabilities"]).to_pandas(), array


def judgments_of(table: pd.DataFrame, log_p: npt.NDArray[np.float64]) -> list[Judgment]:
    """The judgments that were made into this table and these log-probabilities (see `split`)."""
    told = [tuple(row[:size].tolist()) for row, size in zip(log_p, (~np.isnan(log_p)).sum(axis=1), strict=True)]
    names = [str(name) for name in table]
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    return [
        Judgment(**dict(zip(names, row, strict=True)), log_probabilities=each)
        for row, each in zip(rows, told, strict=True)
    ]


def id_problem(ids: Iterable[str | None]) -> str:
    """What is wrong with the first of the ids that a judgments file does not hold, or nothing."""
    for each in ids:
        if each is None or not _ID.fullmatch(each):
            return f"{each!r:.70} is no plain id: 1 to 64 letters, digits or . : / # + @ ~ = - _"
    return ""


def problem(rows: pa.Table, scale: Scale) -> str:
    """What is wrong with the rows, or nothing."""
    if not rows.schema.equals(SCHEMA):
        return f"has columns {_told(rows.schema)}; needs {_told(SCHEMA)}"
    table, log_p = split(rows)
    for name in ("qid", "docno", "other"):
        ids = table[name].unique().tolist()
        if wrong := id_problem([each for each in ids if each != "" or name != "other"]):
            return f"{name} {wrong}"
    if (table["other"].ne("") != (scale == "preference")).any():
        return "preferences, and only they, are about two documents"
    if table.duplicated(KEY).any():
        row = table.loc[table.duplicated(KEY)].iloc[0]
        return f"{row.qid} {row.docno}{f' {row.other}' if row.other else ''} is judged twice in order {row.order}"
    if not table["status"].isin(get_args(Status)).all():
        return f"a status is none of {', '.join(get_args(Status))}"
    if table[["position", "order"]].isna().any().any() or (table["position"] < 1).any() or (table["order"] < 0).any():
        return "a position is below 1, or an order below 0"
    return _value_problem(table, scale) or _probability_problem(log_p, scale)


def _value_problem(table: pd.DataFrame, scale: Scale) -> str:
    ok, value = table["status"].eq("ok").to_numpy(), table["value"].to_numpy(np.float64)
    if not np.array_equal(np.isfinite(value), ok):
        return "a value is missing or not finite, or stands where the status is not ok"
    least, most, whole = _RANGE[scale]
    wrong = ok & ~((value >= least) & (value <= most) & (~np.array(whole) | (value == np.round(value))))
    if wrong.any():
        return f"value {value[wrong][0]:g} is not on the scale {scale}"
    return ""


def _probability_problem(log_p: npt.NDArray[np.float64], scale: Scale) -> str:
    given = ~np.isnan(log_p)
    if np.isinf(log_p).any():
        return "a log-probability is not finite"
    if scale == "likelihood":
        if log_p.shape[1] not in (0, 2) or (log_p[:, 1:] < 1).any():
            return "a likelihood is not (its logarithm, the number of tokens)"
        given[:, 1:] = False
    if (log_p[given] > _ROUNDING).any():
        return "holds a probability above 1"
    if scale in ("yes-no", "grade") and (np.exp(np.where(given, log_p, -np.inf)).sum(axis=1) > 1 + _ROUNDING).any():
        return "holds a probability above 1"
    return ""


def _told(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in schema)


def rows_sha256(rows: pa.Table) -> str:
    """SHA-256 over the columns in order: texts joined by line breaks, numbers as little-endian bytes."""
    digest = hashlib.sha256()
    for field in rows.schema:
        column = rows.column(field.name).combine_chunks()
        if pa.types.is_string(field.type):
            digest.update("\n".join(column.fill_null("").to_pylist()).encode() + b"\0")
            continue
        if pa.types.is_list(field.type):
            digest.update(_bytes(column.value_lengths().fill_null(0)))
            column = column.flatten()
        digest.update(_bytes(column))
    return digest.hexdigest()


def _bytes(column: pa.Array) -> bytes:
    numbers = np.asarray(column)
    return numbers.astype(numbers.dtype.newbyteorder("<")).tobytes()
