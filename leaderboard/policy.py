"""What every stored record must satisfy: plain functions that return one line for each problem."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmark.errors import RecordError
from benchmark.hashing import sha256_file
from benchmark.running.record import Record, read_record
from benchmark.scoring import group_means
from leaderboard.read import MEASURE_NAMES, SEEDS, Cell, read_cell, record_paths, require_comparable

TOLERANCE = 1e-9
MAY_MOVE = 0.001
"""A stored score may move by this much (another machine, another BLAS); beyond it, the board's version changes."""


def cell_problems(cell: Cell) -> list[str]:
    """All problems of one record by itself."""
    checks = (invariant_problems, mean_problems, count_problems, hash_problems)
    return [f"{cell.path}: {problem}" for check in checks for problem in check(cell)]


def invariant_problems(cell: Cell) -> Iterator[str]:
    """Relations that hold between the measures of any ranking, so that a column of another version is found.

    nDCG@k > 0 exactly when RR >= 1 / k: both say that a relevant document is among the first k. Hence nDCG@1 <= RR.
    ERR@10 <= RR, since ERR's weights over the ranks from the first relevant one on add up to at most 1. AP > 0 only if
    RR > 0.
    """
    values = {name: cell.scores[name].to_numpy(np.float64) for name in MEASURE_NAMES}
    reciprocal = values["RR"]
    broken = {
        f"nDCG@{k} > 0 must mean RR >= 1/{k}": (values[f"nDCG@{k}"] > TOLERANCE) != (reciprocal >= 1 / k - TOLERANCE)
        for k in (1, 3, 5, 10)
    } | {
        "nDCG@1 must not exceed RR": values["nDCG@1"] > reciprocal + TOLERANCE,
        "ERR@10 must not exceed RR": values["ERR@10"] > reciprocal + TOLERANCE,
        "AP > 0 must mean RR > 0": (values["AP"] > TOLERANCE) & (reciprocal <= TOLERANCE),
    }
    for rule, where in broken.items():
        if where.any():
            qid = cell.scores["qid"].iloc[int(np.argmax(where))]
            yield f"{rule}, but does not for query {qid!r} ({int(where.sum())} in all); score the run again"


def mean_problems(cell: Cell) -> Iterator[str]:
    """Each score of the record is the mean of its per-query scores, to 1e-9, for the same measures and groups."""
    stratum, seen = cell.scores["stratum"].to_numpy(np.str_), cell.scores["seen"].to_numpy(np.bool_)
    stored = cell.record.scores
    if set(stored) != set(MEASURE_NAMES):
        name = sorted(set(stored) ^ set(MEASURE_NAMES))[0]
        fault = "not a measure of this benchmark" if name in stored else "missing"
        yield f"scores.{name} is {fault}; score the run again"
        return
    for measure in MEASURE_NAMES:
        means = group_means(cell.scores[measure].to_numpy(np.float64), stratum, seen)
        for group in sorted(set(means) | set(stored[measure])):
            one, two = stored[measure].get(group), means.get(group)
            if one is None or two is None or abs(one - float(two)) > TOLERANCE:
                yield f"scores.{measure}.{group} is {one}, but its per-query scores say {two}; score the run again"


def count_problems(cell: Cell) -> Iterator[str]:
    """Each number of queries in the record is that of its per-query scores."""
    seen = cell.scores["seen"].to_numpy(np.bool_)
    counts = cell.scores["stratum"].value_counts().to_dict() | {
        "macro": len(seen), "all": len(seen), "seen": int(seen.sum()), "unseen": int((~seen).sum())
    }  # fmt: skip
    for group, count in sorted(cell.record.queries.items()):
        if count != counts.get(group, 0):
            yield f"queries.{group} is {count}, but there are scores of {counts.get(group, 0)}; score the run again"


def hash_problems(cell: Cell) -> Iterator[str]:
    """Each file that the record names has the SHA-256 that it says; a file that is not there is not checked."""
    for name, expected in sorted(cell.record.files.items()):
        path = cell.path.parent / name
        if path.is_file() and sha256_file(path) != expected:
            yield f"files.{name}: the file beside it is another one (SHA-256 differs); run the cell again"


def seed_problems(cells: list[Cell]) -> list[str]:
    """A system without all five seeds: shown as incomplete, given no tier."""
    found: dict[Path, set[int]] = {}
    for cell in cells:
        found.setdefault(cell.path.parent, set()).add(cell.record.seed)
    return [
        f"{folder}: seeds {', '.join(map(str, sorted(set(SEEDS) - seeds)))} are missing; run them"
        for folder, seeds in sorted(found.items())
        if set(SEEDS) - seeds
    ]


def duplicate_problems(cells: list[Cell]) -> list[str]:
    """Two records of one identity: the same run under two names."""
    first: dict[str, Cell] = {}
    return [
        f"{cell.path}: has the identity of {first[cell.record.identity].path}; delete one of the two"
        for cell in cells
        if first.setdefault(cell.record.identity, cell) is not cell
    ]


def check(results: Path) -> list[str]:
    """All problems of all records below a folder, one line each; an unreadable record hides no other."""
    cells: list[Cell] = []
    problems: list[str] = []
    for path in record_paths(results):
        try:
            cells.append(read_cell(path))
        except RecordError as error:
            problems.append(str(error))
    leaders: dict[str, Cell] = {}
    for cell in cells:
        try:
            require_comparable(leaders.setdefault(cell.record.task, cell), cell)
        except RecordError as error:
            problems.append(str(error))
        problems += cell_problems(cell)
    return problems + seed_problems(cells) + duplicate_problems(cells)


def moved(before: Path, after: Path) -> list[str]:
    """Records below `before` that below `after` are gone or have scores that moved by more than 0.001, a line for each.

    Where a task's own version has changed its scores may be any.
    """
    problems = []
    for path in record_paths(before):
        now = after / path.relative_to(before)
        if not now.is_file():
            problems.append(f"{now}: is gone; a stored record is not removed, put it back")
        elif problem := _largest_move(read_record(path), read_record(now)):
            problems.append(f"{now}: {problem}")
    return problems


def _largest_move(old: Record, new: Record) -> str:
    """The score that moved most, and how many moved by more than is allowed; empty if none did."""
    if new.task_version != old.task_version:
        return ""
    moves = []
    for measure, groups in sorted(old.scores.items()):
        for group, value in sorted(groups.items()):
            now = new.scores.get(measure, {}).get(group)
            size = math.inf if now is None else abs(now - value)
            if size > MAY_MOVE:
                moves.append((size, f"scores.{measure}.{group} was {value} and is {now}"))
    if not moves:
        return ""
    told = max(moves)[1] + (f" (the largest of {len(moves)} moves)" if len(moves) > 1 else "")
    return f"{told}; find out why, or raise the leaderboard's version"
