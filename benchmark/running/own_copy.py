"""A task of its own for each cell: what a system changes in it, no other system meets."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from benchmark.tasks.task import Grades, Task


def own_copy(task: Task, grades: Grades) -> tuple[Task, Grades]:
    """A deep copy of what one system is shown, but for its logs, which can then be read only.

    What is fitted to a log is kept by the log's identity (see `fitted`): a copy of it would be fitted again for each
    cell, which takes seconds.
    """
    logs = (task.log, task.training_log)
    for log in logs:
        for value in vars(log).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
    known: dict[int, Any] = {id(log): log for log in logs}
    return copy.deepcopy((task, grades), known)
