"""`<name>.parquet` and, readable beside it, the same metadata as `<name>.json`."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from benchmark.errors import DataError
from benchmark.files import write_atomically
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.judgments.judgments import Judgments
from benchmark.labels.llm.judgments.metadata import Chooser, Metadata, PromptUsed, Purpose
from benchmark.labels.llm.judgments.rows import problem, rows_sha256, split, to_rows
from benchmark.labels.llm.problems import first_problem

_KEY = b"click-or-llm.judgments"
_RESTORE = "restore it, or move it away and make it again: of stored replies nothing is asked twice"


def write_judgments(
    path: Path,
    judgments: Iterable[Judgment],
    *,
    method: str,
    scale: Scale,
    prompts: Mapping[str, PromptUsed],
    settings: Mapping[str, str | int | float | bool],
    model: Model,
    purpose: Purpose,
    candidates: str,
    chosen_by: tuple[Chooser, ...] = (),
    created: date,
    seconds: float,
    cost: float = 0.0,
    prompt_tokens: int | None = None,
    completion_tokens: int | None = None,
    task_manifest_sha256: str | None = None,
) -> Judgments:
    """Write both files, rows sorted; raises `DataError`, nothing written, where `read_judgments` would.

    See `Metadata` for what each argument says.
    """
    if path.suffix != ".parquet":
        raise DataError(f"{path}: judgments are kept as Parquet; end the name with .parquet")
    try:
        rows = to_rows(judgments)
        metadata = Metadata(
            method=method,
            scale=scale,
            prompts=dict(prompts),
            settings=dict(settings),
            model=model,
            purpose=purpose,
            candidates=candidates,
            chosen_by=chosen_by,
            task_manifest_sha256=task_manifest_sha256,
            created=created,
            lists=len(rows.column("qid").unique()),
            rows=len(rows),
            statuses=dict(sorted(Counter(rows.column("status").to_pylist()).items())),
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            seconds=round(seconds, 3),
            cost=round(cost, 6),
            rows_sha256=rows_sha256(rows),
        )
    except (ValidationError, pa.ArrowException) as error:
        raise DataError(f"{path}: {first_problem(error)}; nothing was written") from error
    if wrong := problem(rows, scale):
        raise DataError(f"{path}: {wrong}; nothing was written")
    readable = metadata.model_dump_json(indent=2) + "\n"
    buffer = io.BytesIO()
    pq.write_table(rows.replace_schema_metadata({_KEY: readable.encode()}), buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())
    write_atomically(path.with_suffix(".json"), readable)
    return Judgments(*split(rows), metadata)


def read_judgments(path: Path) -> Judgments:
    """The judgments at `path`, checked.

    Raises `DataError`, one line, when the file or its side-car is missing or damaged, the two disagree, a row is
    changed, lost or double, an id could hold a text, or a value is missing or not on its scale.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a judgments file")
    try:
        rows = pq.read_table(path)
    except FileNotFoundError as error:
        raise DataError(f"{error.filename or path}: there is no such file; check the path") from error
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{path}: cannot be read ({first_problem(error)}); {_RESTORE}") from error
    metadata, readable = _sidecar(path)
    embedded = _embedded(rows)
    rows = rows.replace_schema_metadata(None)
    wrong = "its metadata is not that of the side-car .json" if embedded != readable else ""
    wrong = wrong or problem(rows, metadata.scale)
    if not wrong and len(rows) != metadata.rows:
        wrong = f"has {len(rows)} rows, its metadata says {metadata.rows}"
    if not wrong and rows_sha256(rows) != metadata.rows_sha256:
        wrong = "its rows are not those that the metadata's rows_sha256 was taken of"
    if wrong:
        raise DataError(f"{path}: {wrong}; {_RESTORE}")
    return Judgments(*split(rows), metadata)


def mend_sidecar(path: Path) -> None:
    """Write the side-car anew where a process died after the rows and before it.

    That is so where the rows are those of the metadata in the Parquet file itself; any other damage is left to
    `read_judgments`.
    """
    try:
        rows = pq.read_table(path)
        readable = _embedded(rows)
        made = Metadata.model_validate_json(readable)
        if rows_sha256(rows.replace_schema_metadata(None)) != made.rows_sha256:
            return
    except (OSError, ValueError, pa.ArrowException):
        return
    sidecar = path.with_suffix(".json")
    if not sidecar.exists() or sidecar.read_bytes() != readable:
        write_atomically(sidecar, readable.decode())


def _embedded(rows: pa.Table) -> bytes:
    return bytes((rows.schema.metadata or {}).get(_KEY, b""))


def read_metadata(path: Path) -> Metadata:
    """What the side-car of the judgments at `path` says; `DataError`, one line, when it is missing or damaged."""
    return _sidecar(path)[0]


def _sidecar(path: Path) -> tuple[Metadata, bytes]:
    """What the side-car says, and its bytes."""
    sidecar = path.with_suffix(".json")
    try:
        readable = sidecar.read_bytes()
        return Metadata.model_validate_json(readable), readable
    except ValidationError as error:
        raise DataError(f"{sidecar}: {first_problem(error)}; {_RESTORE}") from error
    except OSError as error:
        raise DataError(f"{sidecar}: cannot be read; it belongs beside {path.name}, bring it there") from error
