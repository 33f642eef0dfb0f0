"""The grades that a process which trains may hold."""

from __future__ import annotations

from benchmark.tasks.task import Grades, Task


def taught(task: Task, grades: Grades) -> Grades:
    """Those of training and dev questions, as `training_view` takes them."""
    return grades.only(task.questions.where(task.questions.split != "test").qids)
