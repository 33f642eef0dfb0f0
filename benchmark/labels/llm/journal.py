"""An append-only journal of answers: JSON lines, the provenance first, so that a killed job goes on where it was.

Whatever follows the last line break is a line that was being written when the job died; it is ignored and cut off
before anything is appended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import DataError
from benchmark.labels.llm.judgments import value_columns
from benchmark.labels.llm.problems import first_problem
from benchmark.labels.llm.provenance import Provenance

Number = Annotated[float, Field(allow_inf_nan=False)]
_Parse = Callable[[bytes], "Answer"]


class Answer(BaseModel):
    """A judge's pair of numbers for one question and document, and the seconds it took."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    qid: Annotated[str, Field(min_length=1)]
    docno: Annotated[str, Field(min_length=1)]
    first: Number
    second: Number
    seconds: Annotated[Number, Field(ge=0)]


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    provenance: Provenance


@dataclass(frozen=True)
class Journal:
    """What a journal holds: whose answers, and the answers by (qid, docno), in the order they were given."""

    provenance: Provenance
    answers: Mapping[tuple[str, str], Answer]

    @property
    def seconds(self) -> float:
        """Seconds that all answers took together."""
        return sum(answer.seconds for answer in self.answers.values())

    def table(self) -> pd.DataFrame:
        """Columns qid, docno and the two value columns of the prompt's method."""
        first, second = value_columns(self.provenance.prompt.method)
        rows = [(a.qid, a.docno, a.first, a.second) for a in self.answers.values()]
        return pd.DataFrame(rows, columns=["qid", "docno", first, second])


def read_journal(path: Path) -> Journal:
    """The journal at `path`; raises `DataError` naming the line that is damaged or repeats a pair."""
    lines = _whole_lines(path)
    if not lines:
        raise DataError(f"{path}: the journal is empty; run the annotation first")
    try:
        header = _Header.model_validate_json(lines[0])
    except ValidationError as error:
        raise DataError(f"{path}: line 1: {first_problem(error)}; start a new journal") from error
    return Journal(header.provenance, _collect(path, lines[1:], 2, Answer.model_validate_json))


def open_journal(path: Path, provenance: Provenance) -> Journal:
    """Make `path` ready to append to: cut a torn last line off, write the header of a new journal.

    Raises `DataError` when the journal holds the answers of another judge.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = sum(map(len, _whole_lines(path))) if path.exists() else 0
    if whole == 0:
        with path.open("wb") as handle:
            _write(handle.fileno(), [_header(provenance)])
        return Journal(provenance, {})
    if whole < path.stat().st_size:
        os.truncate(path, whole)
    journal = read_journal(path)
    if difference := journal.provenance.difference(provenance):
        raise DataError(f"{path}: holds the answers of another judge ({difference}); name another journal")
    return journal


def append(path: Path, answers: Iterable[Answer]) -> None:
    """Add answers at the end and wait until they are on the disk."""
    with path.open("ab") as handle:
        _write(handle.fileno(), [answer.model_dump_json() for answer in answers])


def import_journal(source: Path, path: Path, provenance: Provenance, keys: Mapping[str, str]) -> Journal:
    """Write another program's JSON lines as a journal; `keys` maps qid, docno, first, second, seconds to its keys."""
    journal = Journal(provenance, _collect(source, _whole_lines(source), 1, lambda line: _translate(line, keys)))
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as handle:
        _write(handle.fileno(), [_header(provenance), *(a.model_dump_json() for a in journal.answers.values())])
    beside.replace(path)
    return journal


def _translate(line: bytes, keys: Mapping[str, str]) -> Answer:
    theirs = json.loads(line)
    if not isinstance(theirs, dict):
        raise ValueError("is no JSON object")
    return Answer.model_validate({ours: theirs[key] for ours, key in keys.items() if key in theirs})


def _collect(path: Path, lines: list[bytes], first: int, parse: _Parse) -> dict[tuple[str, str], Answer]:
    answers: dict[tuple[str, str], Answer] = {}
    for number, line in enumerate(lines, first):
        try:
            answer = parse(line)
        except (ValidationError, ValueError) as error:
            raise DataError(f"{path}: line {number}: {first_problem(error)}; delete that line") from error
        if (pair := (answer.qid, answer.docno)) in answers:
            raise DataError(f"{path}: line {number}: pair {' '.join(pair)} is answered twice; delete one of the lines")
        answers[pair] = answer
    return answers


def _whole_lines(path: Path) -> list[bytes]:
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); run the annotation first") from error
    return lines[:-1] if lines and not lines[-1].endswith(b"\n") else lines


def _header(provenance: Provenance) -> str:
    return _Header(provenance=provenance).model_dump_json()


def _write(descriptor: int, lines: Iterable[str]) -> None:
    left = memoryview("".join(line + "\n" for line in lines).encode())
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)
