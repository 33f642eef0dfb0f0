"""Whether a submission may be run: what `check` and `run` ask of it alike, before anything is fitted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmark.errors import SystemFault
from benchmark.families import HUMAN_SUPERVISED, SEES_CLICKS, SEES_JUDGMENTS
from benchmark.running.closed import leaks
from benchmark.running.registry import load_submission
from benchmark.running.submission import Submission, read_submission
from benchmark.running.taken import taken
from benchmark.training.system import System


class Refused(SystemFault):
    """A submission that may not be run; `problems` says why, one line each."""

    def __init__(self, folder: Path, problems: list[str]) -> None:
        self.problems = problems
        more = f" ({len(problems) - 1} more: click-or-llm check {folder})" if len(problems) > 1 else ""
        super().__init__(problems[0] + more)
        self._folder = folder

    def __reduce__(self) -> tuple[type[Refused], tuple[Path, list[str]]]:
        return Refused, (self._folder, self.problems)  # it is raised in a process of its own


def declaration_of(folder: Path) -> Submission:
    """What a submission declares; raises `Refused` for that, its imports or its names, and loads nothing."""
    if not folder.is_dir():
        raise Refused(folder, [f"{folder}: there is no such folder; start from submissions/template"])
    told = read_submission(folder)
    problems = [*(told if isinstance(told, list) else []), *leaks(folder), *taken(folder)]
    if isinstance(told, list) or problems:
        raise Refused(folder, problems)
    return told


def admit(folder: Path) -> list[type[System]]:
    """The systems of a submission, which is loaded where its declaration, imports and names are in order.

    Raises `Refused`, also for a family that none may have and for parameters that are written otherwise each time.
    """
    told = declaration_of(folder)
    try:
        declared = load_submission(folder)
    except SystemFault as fault:
        raise Refused(folder, [str(fault)]) from fault
    if problems := [problem for cls in declared for problem in _of_parameters(cls)]:
        raise Refused(folder, problems)
    if problems := _of_families(folder, frozenset(told.supervision), declared):
        raise Refused(folder, problems)
    return declared


def _of_parameters(cls: type[System]) -> Iterator[str]:
    """Parameters whose `repr`, by which a record is known again, is another in another process."""
    for name, value in asdict(cls()).items():  # type: ignore[call-overload]
        if isinstance(value, set | frozenset) or re.search(r" at 0x[0-9a-f]+", repr(value)):
            told = f"parameter {name} is {value!r}, which is written otherwise in each process"
            yield f"system {cls.name}: {told}; give numbers, texts or tuples"


def _of_families(folder: Path, supervision: frozenset[str], declared: list[type[System]]) -> list[str]:
    """Families that no submission has, or else what they learn from and the declaration says otherwise."""
    own = [cls for cls in declared if cls.family in HUMAN_SUPERVISED]
    if own:
        return [
            f"system {cls.name}: family {cls.family} is the benchmark's own; choose clicks, llm or fusion"
            for cls in own
        ]
    sees = {"clicks": SEES_CLICKS, "llm": SEES_JUDGMENTS}
    families = sorted({cls.family for cls in declared})
    learned = [what for what, seen in sees.items() if set(families) & set(seen)] or ["none"]
    if supervision == set(learned):
        return []
    return [
        f"{folder / 'submission.toml'}: supervision is {', '.join(sorted(supervision))}, but its systems are of family "
        f"{' and '.join(families)}: learns from {' and '.join(learned)}; let the two agree"
    ]
