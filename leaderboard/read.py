"""Collect stored records: each is checked by itself, and with those that it will stand beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_string_dtype

from benchmark.errors import RecordError
from benchmark.running.cell import SEEDS as SEEDS
from benchmark.running.record import Record, read_record, read_scores
from benchmark.scoring import MEASURES
from benchmark.tasks.strata import STRATA

MEASURE_NAMES = tuple(measure.name for measure in MEASURES)
PROTOCOL = ("task_version", "manifest", "track", "share")
"""What all rows of one table share: numbers made under different values of these are not comparable."""

DECLARED = ("family", "description", "cite", "source", "learned_from")
"""What does not change from one seed of a system to the next."""

_RERUN = "delete it and run the cell again"


@dataclass(frozen=True)
class Cell:
    """One record, where it was found, and its per-query scores (a row per test query, sorted by qid)."""

    path: Path
    record: Record
    scores: pd.DataFrame


@dataclass(frozen=True)
class Entry:
    """The cells of one system on one task, by seed."""

    cells: tuple[Cell, ...]

    @property
    def record(self) -> Record:
        """The record of the first seed, for what all seeds share."""
        return self.cells[0].record

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that were found."""
        return tuple(cell.record.seed for cell in self.cells)

    @property
    def labels(self) -> list[str]:
        """What the system learned from, and what there is to say of single seeds."""
        notes: dict[str, list[int]] = {}
        for cell in self.cells:
            for note in cell.record.of_its_seed:
                notes.setdefault(note, []).append(cell.record.seed)
        told = [f"{note} (seed {', '.join(map(str, seeds))})" for note, seeds in notes.items()]
        return [*self.record.learned_from, *told]

    @property
    def complete(self) -> bool:
        """Whether all five seeds were found."""
        return self.seeds == SEEDS

    def values(self, measure: str) -> npt.NDArray[np.float64]:
        """Per-query scores [S, Q] of the seeds that were found."""
        return np.stack([cell.scores[measure].to_numpy(np.float64) for cell in self.cells])


@dataclass(frozen=True)
class TaskResults:
    """All systems of one task, by name; the same test queries for each."""

    name: str
    entries: tuple[Entry, ...]
    stratum: npt.NDArray[np.str_]
    seen: npt.NDArray[np.bool_]


def record_paths(results: Path) -> list[Path]:
    """All `<task>/<system>/<seed>.json` below a folder, sorted; raises `RecordError` for a JSON file elsewhere."""
    paths = sorted(results.rglob("*.json"))
    for path in paths:
        if len(path.relative_to(results).parts) != 3:
            raise RecordError(f"{path}: a record lies at {results}/<task>/<system>/<seed>.json; move or delete it")
    if not paths:
        raise RecordError(f"{results}: there are no records <task>/<system>/<seed>.json; run a system first")
    return paths


def read_cell(path: Path) -> Cell:
    """The record and its per-query scores; raises `RecordError` naming the file and the first thing wrong in it."""
    record = read_record(path)
    place = (record.task, record.system, str(record.seed))
    if place != (path.parent.parent.name, path.parent.name, path.stem):
        raise RecordError(
            f"{path}: holds {'/'.join(place)}; a record lies at <task>/<system>/<seed>.json, move it there"
        )
    if record.seed not in SEEDS:
        raise RecordError(f"{path}: seed {record.seed} is none of {', '.join(map(str, SEEDS))}; delete it")
    scores = read_scores(path)
    if problem := _frame_problem(scores):
        raise RecordError(f"{path.with_suffix('.scores.parquet')}: {problem}; {_RERUN}")
    return Cell(path, record, scores)


def _frame_problem(scores: pd.DataFrame) -> str | None:
    missing = [name for name in ("qid", "stratum", "seen", *MEASURE_NAMES) if name not in scores.columns]
    if missing:
        return f"has no column {missing[0]!r}"
    if scores.empty:
        return "holds no query"
    if problem := _type_problem(scores):
        return problem
    qids = scores["qid"].tolist()
    for first, second in pairwise(qids):
        if first >= second:
            return f"query {second!r} occurs twice or is not sorted"
    unknown = sorted(set(scores["stratum"]) - set(STRATA))
    if unknown:
        return f"stratum {unknown[0]!r} is none of {', '.join(STRATA)}"
    values = scores[list(MEASURE_NAMES)].to_numpy(np.float64)
    outside = np.argwhere(~((values >= 0) & (values <= 1)))  # NaN is neither, so it is caught too
    if outside.size:
        row, column = outside[0]
        return f"{MEASURE_NAMES[column]} of query {qids[row]!r} is {values[row, column]}, outside [0, 1]"
    return None


def _type_problem(scores: pd.DataFrame) -> str | None:
    """A value that is missing, or a column of another type: what follows could not compare them."""
    for name in ("qid", "stratum", "seen"):
        if (missing := scores[name].isna()).any():
            return f"row {int(np.argmax(missing))} has no {name}"
    types = {"qid": is_string_dtype, "stratum": is_string_dtype, "seen": is_bool_dtype}
    types |= dict.fromkeys(MEASURE_NAMES, is_float_dtype)
    wrong = next((name for name, is_right in types.items() if not is_right(scores[name])), None)
    return None if wrong is None else f"column {wrong!r} holds values of another type ({scores[wrong].dtype})"


def collect(results: Path) -> tuple[TaskResults, ...]:
    """All records below a folder, by task.

    Raises `RecordError` for the first record that is malformed or that may not stand beside the others: another
    version, manifest, track or share of the task, other test queries, or a declaration that changed between seeds.
    """
    cells = [read_cell(path) for path in record_paths(results)]
    return tuple(_task(name, tuple(group)) for name, group in groupby(cells, key=lambda cell: cell.record.task))


def _task(name: str, cells: tuple[Cell, ...]) -> TaskResults:
    for cell in cells[1:]:
        require_comparable(cells[0], cell)
    entries = tuple(_entry(group) for _, group in groupby(cells, key=lambda cell: cell.record.system))
    scores = cells[0].scores
    return TaskResults(name, entries, scores["stratum"].to_numpy(np.str_), scores["seen"].to_numpy(np.bool_))


def _entry(cells: Iterable[Cell]) -> Entry:
    ordered = tuple(sorted(cells, key=lambda cell: cell.record.seed))
    for cell in ordered[1:]:
        _require_equal(ordered[0], cell, DECLARED, "run all seeds of the system with one version of it")
    return Entry(ordered)


_APART = "records that differ in it are never in one table; remove one of the two"


def require_comparable(first: Cell, second: Cell, advice: str = _APART) -> None:
    """Raise `RecordError` naming both files unless they share the protocol and the test queries."""
    _require_equal(first, second, PROTOCOL, advice)
    for column in ("qid", "stratum", "seen"):
        if first.scores[column].tolist() != second.scores[column].tolist():
            raise RecordError(
                f"{second.path}: the {column} column of its scores is not that of {first.path}; "
                "the two were scored on different queries, run one of them again"
            )


def _require_equal(first: Cell, second: Cell, fields: tuple[str, ...], advice: str) -> None:
    for name in fields:
        one, two = getattr(first.record, name), getattr(second.record, name)
        if one != two:
            raise RecordError(f"{second.path}: {name} is {two!r}, but {one!r} in {first.path}; {advice}")
