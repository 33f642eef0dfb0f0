"""The sweep in one file: per-query scores of every cell, a row per test query, a column per cell."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, TypeAdapter

from benchmark.errors import DataError, RecordError
from benchmark.files import write_atomically
from benchmark.scoring import HEADLINE
from benchmark.tasks.strata import STRATA
from leaderboard.read import PROTOCOL, read_cell, record_paths, require_comparable

NAME = "robustness.parquet"


class SweepCell(BaseModel):
    """What is kept of a record: which cell it is, and what made it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    system: str
    family: str
    description: str
    seed: int
    identity: str
    command: str
    labels: list[str]

    @property
    def column(self) -> str:
        """Its column in the file."""
        return f"{self.task}/{self.system}/{self.seed}"


class Protocol(BaseModel):
    """What all cells share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    task_version: str
    manifest: str
    track: str
    share: float


@dataclass(frozen=True)
class Sweep:
    """The cells of a sweep and their headline scores [cells, Q] of the same test queries."""

    protocol: Protocol
    cells: tuple[SweepCell, ...]
    scores: npt.NDArray[np.float64]
    stratum: npt.NDArray[np.str_]

    def rows(self, task: str, system: str) -> dict[int, int]:
        """The row of `scores` of each seed that a system was run with on a task, seeds ascending."""
        cells = enumerate(self.cells)
        return dict(sorted((cell.seed, row) for row, cell in cells if (cell.task, cell.system) == (task, system)))

    def values(self, task: str, system: str) -> npt.NDArray[np.float64]:
        """Scores [S, Q] of a system on a task, a row per seed, ascending; no row where it was not run."""
        return self.scores[list(self.rows(task, system).values())]


def pack(results: Path, out: Path, *, beside: Iterable[Path] = ()) -> Sweep:
    """Gather all records below `results`, and those in the folders `beside`, into the file `out`.

    Raises `RecordError` for a record that cannot be trusted, or that was not made under the protocol of the others, and
    `DataError` where the records make no sweep that can be judged; then nothing is written.
    """
    paths = record_paths(results) + [path for folder in beside for path in sorted(folder.glob("*.json"))]
    cells = [read_cell(path) for path in paths]
    first = cells[0]
    for cell in cells[1:]:
        require_comparable(first, cell, "delete one of the two and run it again")
    kept = [SweepCell(**{name: getattr(cell.record, name) for name in SweepCell.model_fields}) for cell in cells]
    for column, group in groupby(sorted(cell.column for cell in kept)):
        if len(list(group)) > 1:
            raise RecordError(f"{results}: {column} is there twice; remove one of the two records")
    protocol = Protocol(measure=HEADLINE, **{name: getattr(first.record, name) for name in PROTOCOL})
    table = pa.table(
        {
            "qid": pa.array(first.scores["qid"].tolist()),
            "stratum": pa.array(first.scores["stratum"].tolist()),
            **{
                kept_cell.column: cell.scores[HEADLINE].to_numpy(np.float32)
                for kept_cell, cell in zip(kept, cells, strict=True)
            },
        },
        metadata={
            "protocol": protocol.model_dump_json(),
            "cells": json.dumps([cell.model_dump() for cell in kept]),
        },
    )
    sweep = _read_table(table)
    if problem := _problem(sweep):
        raise DataError(f"{results}: {problem}; run the whole task")
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=12)
    write_atomically(out, buffer.getvalue())
    return sweep


def read_pack(path: Path) -> Sweep:
    """The sweep in a file; raises `DataError` when it is damaged or holds what cannot be judged."""
    restore = f"restore it: git checkout -- {path}"
    try:
        sweep = _read_table(pq.read_table(path))
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:  # pydantic's is a ValueError
        raise DataError(f"{path}: cannot be read ({' '.join(str(error).split())}); {restore}") from error
    if problem := _problem(sweep):
        raise DataError(f"{path}: {problem}; {restore}, or make it anew: click-or-llm robustness")
    return sweep


def _read_table(table: pa.Table) -> Sweep:
    told = {key.decode(): value for key, value in (table.schema.metadata or {}).items()}
    cells = TypeAdapter(tuple[SweepCell, ...]).validate_json(told["cells"])
    scores = np.empty((len(cells), len(table)))
    for row, cell in enumerate(cells):
        try:
            scores[row] = table[cell.column].to_numpy()
        except (ValueError, TypeError) as error:
            raise ValueError(f"column {cell.column}: {error}") from error
    return Sweep(
        Protocol.model_validate_json(told["protocol"]),
        cells,
        scores,
        np.array(table["stratum"].to_pylist(), dtype=np.str_),
    )


def _problem(sweep: Sweep) -> str:
    """The first thing that keeps a sweep from being judged; empty if nothing does."""
    if not sweep.cells:
        return "holds no cell"
    outside = np.argwhere(~((sweep.scores >= 0) & (sweep.scores <= 1)))  # NaN is neither, so it is caught too
    if outside.size:
        row, query = outside[0]
        return f"column {sweep.cells[row].column}, row {query} is {sweep.scores[row, query]}, outside [0, 1]"
    if unknown := sorted(set(sweep.stratum.tolist()) - set(STRATA)):
        return f"stratum {unknown[0]!r} is none of {', '.join(STRATA)}"
    for name in STRATA:
        if (size := int((sweep.stratum == name).sum())) < 2:
            return f"stratum {name!r} has {size or 'no'} {'query' if size else 'queries'}, a test needs two"
    return ""
