"""What a submission folder declares about itself, and what its code may not reach for."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import SystemFault
from benchmark.names import NAME
from benchmark.running.record import first_problem

Text = Annotated[str, Field(min_length=1)]
# Modules through which test grades could be had, and what a submission uses instead.
_CLOSED = {
    "insuranceqa_data": "the collection's own files hold test grades",
    "ir_datasets": "its qrels hold test grades",
    "benchmark.tasks": "tasks hold test grades",
    "benchmark.running": "the scorer holds test grades",
    "benchmark.scoring": "scoring is the benchmark's part",
    "benchmark.statistics": "statistics are the benchmark's part",
    "leaderboard": "results are read by nobody who trains",
}
_CLOSED_NAMES = {"human_grades": "human grades are for scoring", "HumanLabels": "human grades are for scoring"}


class Submission(BaseModel):
    """The fields of `submission.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=NAME)]
    authors: Annotated[list[Text], Field(min_length=1)]
    contact: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    description: Text
    supervision: Annotated[list[Literal["clicks", "llm", "human", "none"]], Field(min_length=1)]
    licence: Text
    reference: str


def read_submission(folder: Path) -> Submission:
    """The declaration of a submission; raises `SystemFault` naming the file and the field."""
    path = folder / "submission.toml"
    try:
        submission = Submission.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SystemFault(f"{path}: cannot be read ({error.strerror}); copy it from submissions/template") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SystemFault(f"{path}: is not TOML: {error}") from error
    except ValidationError as error:
        raise SystemFault(f"{path}: {first_problem(error)}") from error
    if submission.name != folder.resolve().name:
        raise SystemFault(f"{path}: name is {submission.name!r}, but the folder is {folder.resolve().name!r}")
    return submission


def leaks(folder: Path, human_declared: bool) -> Iterator[str]:
    """One line for each place where a submission's code reaches for grades; reading the code is what reviewers add."""
    for path in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        except (SyntaxError, UnicodeDecodeError) as error:
            yield f"{path}: is not Python: {error}"
            continue
        for node in ast.walk(tree):
            for name, reason in _reached(node, human_declared):
                yield f"{path}, line {getattr(node, 'lineno', 0)}: label leakage: {name} is closed to systems; {reason}"


def _reached(node: ast.AST, human_declared: bool) -> Iterator[tuple[str, str]]:
    modules: list[str] = []
    names: list[str] = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.Attribute):
        names = [node.attr]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        modules = [node.value]  # import_module("..."), find_spec("...")
    for module in modules:
        for closed, reason in _CLOSED.items():
            if module == closed or module.startswith(f"{closed}."):
                yield module, reason
                return
    if not human_declared:
        yield from ((name, _CLOSED_NAMES[name]) for name in names if name in _CLOSED_NAMES)
