"""A small pool of passages graded by people, from which demonstrations are retrieved."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import ConfigurationError, DataError
from benchmark.hashing import seeded_hash
from benchmark.labels.llm.problems import first_problem

if TYPE_CHECKING:
    from benchmark.tasks.task import Grades, Task


POOLS = "a file of demonstrations (JSON lines), or training:N for N training questions of the task"
"""What names a pool, see `pool_named`."""


class Demonstration(BaseModel):
    """A question, a passage, and the grade that a person gave to the passage: human supervision, always declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Annotated[str, Field(min_length=1)]
    document: Annotated[str, Field(min_length=1)]
    grade: Annotated[int, Field(ge=0)]


def read_pool(path: Path) -> tuple[Demonstration, ...]:
    """The pool in a file of JSON lines with question, document and grade; `DataError` names the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")  # a text may hold other line breaks
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({first_problem(error)}); name a file of JSON lines") from error
    pool = []
    for number, line in enumerate(lines, 1):
        try:
            pool.append(Demonstration.model_validate_json(line))
        except ValidationError as error:
            raise DataError(f"{path}: line {number}: {first_problem(error)}; correct the pool") from error
    return tuple(pool)


def with_pool(settings: Mapping[str, Any], task: Task, grades: Grades, seed: int) -> dict[str, Any]:
    """Settings of a method; the name of a pool among them, see `pool_named`, becomes that pool."""
    if "pool" not in settings:
        return dict(settings)
    return dict(settings) | {"pool": pool_named(str(settings["pool"]), task, grades, seed)}


def pool_named(told: str, task: Task, grades: Grades, seed: int) -> tuple[Demonstration, ...]:
    """`training:N`, a `training_pool` of N questions of the task; anything else is the name of a file of JSON lines.

    Raises `ConfigurationError` for a file with a dev or test question of the task: its grades would be shown to a judge
    of training questions.
    """
    kind, _, size = told.partition(":")
    if kind != "training":
        pool = read_pool(Path(told))
        _check_held_out(pool, task, told)
        return pool
    if not size.isdecimal():
        raise ConfigurationError(f"pool {told!r}: say how many questions, such as training:100")
    return training_pool(task, grades, int(size), seed=seed)


def normal(question: str) -> str:
    """Its words alone: two questions that come to the same are one."""
    return " ".join(re.findall(r"\w+", question.casefold()))


def _check_held_out(pool: Iterable[Demonstration], task: Task, told: str) -> None:
    asked = task.questions
    held_out = {normal(task.question_text[qid]): qid for qid in asked.qids[asked.split != "train"].tolist()}
    for number, one in enumerate(pool, 1):
        if (qid := held_out.get(normal(one.question))) is not None:
            raise ConfigurationError(
                f"{told}: line {number}: is {qid}, a dev or test question of the task; a pool is of training "
                "questions, remove the line"
            )


def pool_sha256(pool: Iterable[Demonstration]) -> str:
    """SHA-256 over the demonstrations in their order, as JSON lines with sorted keys."""
    digest = hashlib.sha256()
    for one in pool:
        digest.update(json.dumps(one.model_dump(), sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def training_pool(task: Task, grades: Grades, size: int, *, top: int = 3, seed: int = 0) -> tuple[Demonstration, ...]:
    """A pool of `size` training questions of a task of binary relevance, each with two demonstrations.

    One is the first passage that a person chose for it, with grade `top`; the other, with grade 0, a passage that was
    chosen for another of the drawn questions and not for this one. Questions are drawn by a seeded hash; dev and test
    questions are never in it. Raises `ConfigurationError` where fewer than `size` >= 2 training questions have one.
    """
    asked = task.questions
    chosen = {
        qid: sorted(docno for docno, grade in grades.relevant[qid].items() if grade > 0)
        for qid in asked.qids[asked.split == "train"].tolist()
        if qid in grades.relevant
    }
    able = sorted((qid for qid in chosen if chosen[qid]), key=lambda qid: seeded_hash(seed, "pool", qid))
    if not 2 <= size <= len(able):
        raise ConfigurationError(f"a pool of {size} questions cannot be drawn, 2 to {len(able)} can; change the size")
    qids = able[:size]
    pool = []
    for number, qid in enumerate(qids):
        others = (chosen[qids[(number + step) % size]][0] for step in range(1, size))
        wrong = next((docno for docno in others if docno not in chosen[qid]), None)
        for docno, grade in ((chosen[qid][0], top), (wrong, 0)):
            if docno is not None:
                question, document = task.question_text[qid], task.document_text[docno]
                pool.append(Demonstration(question=question, document=document, grade=grade))
    return tuple(pool)
