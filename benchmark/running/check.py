"""Checks a submission in seconds: what would go wrong in a full run, one line each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.errors import SystemFault
from benchmark.families import HUMAN_SUPERVISED, SEES_CLICKS, SEES_JUDGMENTS
from benchmark.running.fit import fit_and_rank, training_view
from benchmark.running.registry import load_submission
from benchmark.running.submission import leaks, read_submission
from benchmark.running.taught import taught
from benchmark.tasks.registry import DEFAULT_TASK, task_entry
from benchmark.tasks.task import Grades, Task
from benchmark.training.system import System

SHARE = 0.02


def check_submission(folder: Path) -> list[str]:
    """The problems of a submission, each in one line; empty when it can be run.

    Its declaration, its imports, then each of its systems on a fiftieth of the embedded task: it must rank exactly the
    candidates with finite scores, twice the same under one seed.
    """
    if not folder.is_dir():
        return [f"{folder}: there is no such folder; start from submissions/template"]
    try:
        supervision = frozenset(read_submission(folder).supervision)
    except SystemFault as fault:
        return [str(fault)]
    if problems := list(leaks(folder, "human" in supervision)):
        return problems  # code that reaches for grades is not run
    try:
        declared = load_submission(folder)
    except SystemFault as fault:
        return [str(fault)]
    if problem := _misdeclared(supervision, declared):
        return [f"{folder / 'submission.toml'}: {problem}"]
    task, grades = task_entry(DEFAULT_TASK).load()
    task = task.taking(SHARE)
    return [problem for cls in declared for problem in _problems(cls, task, taught(task, grades))]


def _misdeclared(supervision: frozenset[str], declared: list[type[System]]) -> str:
    """What the families of the systems learn from and the declaration does not say, or the other way round."""
    sees = {"clicks": SEES_CLICKS, "llm": SEES_JUDGMENTS}
    families = {cls.family for cls in declared} - set(HUMAN_SUPERVISED)
    learned = [what for what, seen in sees.items() if families & set(seen)]
    if not families or learned == sorted(supervision & set(sees)):
        return ""
    told = f"family {' and '.join(sorted(families))}: learns from {' and '.join(learned) or 'none'}"
    return f"supervision is {', '.join(sorted(supervision))}, but its systems are of {told}; let the two agree"


def _problems(cls: type[System], task: Task, grades: Grades) -> list[str]:
    if cls.family in HUMAN_SUPERVISED:
        return [f"system {cls.name}: family {cls.family} is the benchmark's own; choose clicks, llm or fusion"]
    try:
        first, second = (
            fit_and_rank(cls, training_view(task, grades, cls.family, seed=0), task.test(), dict(task.question_text))
            for _ in range(2)
        )
    except SystemFault as fault:
        return [str(fault)]
    if not np.array_equal(first.scores, second.scores):
        changed = np.argwhere(first.scores != second.scores)[0]
        qid = task.test().qids[changed[0]]
        return [
            f"system {cls.name}, seed 0: not deterministic: query {qid} has other scores the second time; use view.seed"
        ]
    return []
