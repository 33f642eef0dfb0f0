"""The judgments table: one row per judged pair, numbers and ids only, never a text of the collection.

`<name>.parquet` holds the rows and, in its key-value metadata, the same JSON as the readable side-car `<name>.json`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import DataError
from benchmark.labels.llm.problems import first_problem
from benchmark.labels.llm.prompts import Method
from benchmark.labels.llm.provenance import Provenance, Sha256

_KEY = b"click-or-llm.judgments"
_IDS = {"qid": pa.string(), "docno": pa.string()}
_VALUES = {
    "yes-no": {"log_yes": pa.float32(), "log_no": pa.float32()},
    "query-likelihood": {"log_likelihood": pa.float32(), "tokens": pa.int32()},
}
_ID = r"[\w.:-]{1,64}"  # no spaces: an id cannot carry a text
_ROUNDING = 1e-4  # what two rounded log-probabilities may exceed a whole by


class Metadata(BaseModel):
    """Where judgments come from, and the hash of their rows; `candidates` says how the judged pairs were chosen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    provenance: Provenance
    candidates: Annotated[str, Field(min_length=1)]
    task_manifest_sha256: Sha256 | None = None
    created: date
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    pairs: Annotated[int, Field(ge=1)]
    rows_sha256: Sha256


@dataclass(frozen=True)
class Judgments:
    """Rows sorted by (qid, docno): `log_yes`, `log_no` or `log_likelihood`, `tokens`; and their metadata."""

    table: pd.DataFrame
    metadata: Metadata

    @property
    def method(self) -> Method:
        """Method of the prompt, which decides the value columns."""
        return self.metadata.provenance.prompt.method

    @property
    def p_yes(self) -> npt.NDArray[np.float64]:
        """exp(log_yes) / (exp(log_yes) + exp(log_no)) [pairs]: the answers "yes" and "no" share what they got."""
        log_yes, log_no = (self.table[name].to_numpy(np.float64) for name in _VALUES["yes-no"])
        return np.asarray(np.exp(-np.logaddexp(0, log_no - log_yes)))  # never overflows

    @property
    def mass(self) -> npt.NDArray[np.float64]:
        """exp(log_yes) + exp(log_no) [pairs]: how much the model wanted to say one of the two answers at all."""
        return np.asarray(np.exp(self.table[list(_VALUES["yes-no"])].to_numpy(np.float64)).sum(axis=1))


def value_columns(method: Method) -> tuple[str, str]:
    """Names of the two columns that a method's pair of numbers goes into."""
    first, second = _VALUES[method]
    return first, second


def write_judgments(
    path: Path,
    table: pd.DataFrame,
    provenance: Provenance,
    *,
    candidates: str,
    seconds: float,
    created: date,
    task_manifest_sha256: str | None = None,
) -> Judgments:
    """Write `<name>.parquet` and `<name>.json`, rows sorted; raises `DataError` where `read_judgments` would."""
    if path.suffix != ".parquet":
        raise DataError(f"{path}: judgments are kept as Parquet; end the name with .parquet")
    columns = _IDS | _VALUES[provenance.prompt.method]
    rows = table[list(columns)].sort_values(list(_IDS), ignore_index=True)
    try:
        arrow = pa.Table.from_pandas(rows, schema=pa.schema(columns.items()), preserve_index=False)
        metadata = Metadata(
            provenance=provenance,
            candidates=candidates,
            task_manifest_sha256=task_manifest_sha256,
            created=created,
            seconds=round(seconds, 3),
            pairs=len(rows),
            rows_sha256=_rows_sha256(arrow),
        )
    except (ValidationError, pa.ArrowException) as error:
        raise DataError(f"{path}: {first_problem(error)}; nothing was written") from error
    if problem := _problem(arrow, metadata):
        raise DataError(f"{path}: {problem}; nothing was written")
    readable = metadata.model_dump_json(indent=2) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside, beside_json = path.with_suffix(".parquet.part"), path.with_suffix(".json.part")
    pq.write_table(arrow.replace_schema_metadata({_KEY: readable.encode()}), beside, compression="zstd")
    beside_json.write_text(readable, encoding="utf-8")
    beside.replace(path)
    beside_json.replace(path.with_suffix(".json"))
    return Judgments(arrow.to_pandas(), metadata)


def read_judgments(path: Path) -> Judgments:
    """The judgments at `path`, checked.

    Raises `DataError`, one line, when the file or its side-car is missing or damaged, the two disagree, a row is
    changed, lost or double, an id could hold text, or a value is missing or no log-probability.
    """
    sidecar = path.with_suffix(".json")
    try:
        arrow = pq.read_table(path)
        embedded = (arrow.schema.metadata or {}).get(_KEY, b"")
        readable = sidecar.read_bytes()
        metadata = Metadata.model_validate_json(readable)
    except FileNotFoundError as error:
        raise DataError(f"{error.filename or path}: is missing; restore the published file") from error
    except ValidationError as error:
        raise DataError(f"{sidecar}: {first_problem(error)}; restore the published file") from error
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{path}: cannot be read ({first_problem(error)}); restore the published file") from error
    problem = "its metadata is not that of the side-car .json" if embedded != readable else _problem(arrow, metadata)
    if problem:
        raise DataError(f"{path}: {problem}; restore the published file")
    return Judgments(arrow.to_pandas(), metadata)


def _problem(arrow: pa.Table, metadata: Metadata) -> str:
    """What is wrong with the rows, or nothing."""
    method = metadata.provenance.prompt.method
    columns = _IDS | _VALUES[method]
    if {field.name: field.type for field in arrow.schema} != columns:
        return f"has columns {', '.join(arrow.column_names)}, {method} needs {', '.join(columns)} with their types"
    frame = arrow.to_pandas()
    first, second = (frame[name].to_numpy(np.float64) for name in value_columns(method))
    if not (np.isfinite(first) & np.isfinite(second)).all():
        return "a value is missing or not finite"
    if frame.duplicated(list(_IDS)).any():
        row = frame.loc[frame.duplicated(list(_IDS))].iloc[0]
        return f"pair {row.qid} {row.docno} is judged twice"
    for name in _IDS:
        if not frame[name].str.fullmatch(_ID).eq(True).all():
            return f"a {name} is empty or no plain id"
    whole = np.exp(first) + np.exp(second) if method == "yes-no" else np.exp(first)
    if (whole > 1 + _ROUNDING).any():
        return f"{value_columns(method)[0]} holds a probability above 1"
    if method == "query-likelihood" and (second < 1).any():
        return "a question has no tokens"
    if len(frame) != metadata.pairs:
        return f"has {len(frame)} pairs, its metadata says {metadata.pairs}"
    if _rows_sha256(arrow) != metadata.rows_sha256:
        return "its rows are not those that the metadata's rows_sha256 was taken of"
    return ""


def _rows_sha256(arrow: pa.Table) -> str:
    """SHA-256 over the columns in order: ids joined by line breaks, numbers as little-endian bytes."""
    digest = hashlib.sha256()
    for name in arrow.column_names:
        column = arrow.column(name)
        if pa.types.is_string(column.type):
            digest.update("\n".join(column.fill_null("").to_pylist()).encode() + b"\0")
        else:
            numbers = np.asarray(column.to_numpy())
            digest.update(numbers.astype(numbers.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
