"""The grades that a process which trains may hold."""

from __future__ import annotations

from benchmark.tasks.registry import task_entry
from benchmark.tasks.task import Grades, Task


def load_taught(name: str, share: float) -> tuple[Task, Grades]:
    """A share of a task, and `taught` of its grades; that this returns is what drops all others in this process."""
    task, grades = task_entry(name).load()
    task = task.taking(share)
    return task, taught(task, grades)


def taught(task: Task, grades: Grades) -> Grades:
    """Those of training and dev questions, as `training_view` takes them."""
    return grades.only(task.questions.where(task.questions.split != "test").qids)
