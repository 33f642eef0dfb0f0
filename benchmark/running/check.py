"""Checks a submission in seconds: what would go wrong in a full run, one line each."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import torch

from benchmark.running.admission import Refused, admit, declaration_of
from benchmark.running.again import Scores, fit_once, fitting_again
from benchmark.running.taught import load_taught
from benchmark.tasks.registry import DEFAULT_TASK
from benchmark.tasks.task import Questions
from benchmark.training.system import System

SHARE = 0.02


def check_submission(folder: Path) -> list[str]:
    """The problems of a submission, each in one line; empty when it can be run.

    Its declaration, its imports, then each of its systems on a fiftieth of the embedded task: it must rank exactly the
    candidates with finite scores, the same under one seed in this process and in another (see `fitting_again`).
    """
    try:
        declaration_of(folder)
        task, grades = load_taught(DEFAULT_TASK, SHARE, submission=True)  # before anything of it is imported
        declared = admit(folder)
    except Refused as refused:
        return refused.problems
    torch.set_num_threads(1)  # as where it is run
    with fitting_again(folder, DEFAULT_TASK, SHARE) as again:
        first = {cls.name: fit_once(cls, task, grades, seed=0) for cls in declared}
        if problems := [told for told in first.values() if isinstance(told, str)]:
            return problems
        try:
            second = again.result()
        except BrokenProcessPool:
            return [f"{folder}: the process that fitted its systems a second time died"]
    found = (_differs(cls, task.test(), first[cls.name], second[cls.name]) for cls in declared)
    return [problem for problem in found if problem]


def _differs(cls: type[System], test: Questions, first: Scores | str, second: Scores | str) -> str:
    """What is wrong with the second fit, or how it differs from the first; empty if it does not."""
    if isinstance(first, str) or isinstance(second, str):
        return second if isinstance(second, str) else str(first)
    if np.array_equal(first, second):
        return ""
    qid = test.qids[np.argwhere(first != second)[0][0]]
    return (
        f"system {cls.name}, seed 0: not deterministic: query {qid} has other scores in another process, after seed 1; "
        "use view.seed, and neither hash(), the time nor what an earlier fit left behind"
    )
