"""Fits a submission a second time where nothing of the first is left: another process, hash seed, time and order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.errors import SystemFault
from benchmark.running.fit_alone import fit_alone
from benchmark.running.registry import load_submission
from benchmark.running.taught import load_taught
from benchmark.running.workers import Workers
from benchmark.tasks.task import Grades, Task
from benchmark.training.system import System

Scores = npt.NDArray[np.float64]
_HASH_SEED = "PYTHONHASHSEED"


def fit_once(cls: type[System], task: Task, grades: Grades, seed: int) -> Scores | str:
    """The scores that a submission's system gives to the test questions, or what it did wrong."""
    try:
        return fit_alone(cls, task, grades, cls.family, seed, submission=True).scores
    except SystemFault as fault:
        return str(fault)


@contextmanager
def fitting_again(folder: Path, task: str, share: float) -> Iterator[Future[dict[str, Scores | str]]]:
    """What comes of seed 0 of each system of a submission where seed 1 was fitted before; ends with the process."""
    workers = Workers(1)
    before = os.environ.get(_HASH_SEED)
    os.environ[_HASH_SEED] = "2" if before == "1" else "1"  # which a process reads when it starts
    try:
        future = workers.submit(_fit_again, folder, task, share)
    finally:
        if before is None:
            del os.environ[_HASH_SEED]
        else:
            os.environ[_HASH_SEED] = before
    try:
        yield future
    finally:
        workers.stop()


def _fit_again(folder: Path, name: str, share: float) -> dict[str, Scores | str]:
    import torch

    torch.set_num_threads(1)
    task, grades = load_taught(name, share, submission=True)
    found: dict[str, Scores | str] = {}
    for cls in load_submission(folder):
        other = fit_once(cls, task, grades, seed=1)
        found[cls.name] = other if isinstance(other, str) else fit_once(cls, task, grades, seed=0)
    return found
