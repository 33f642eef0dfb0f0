"""The grades that a process which trains may hold."""

from __future__ import annotations

from dataclasses import replace

from benchmark.tasks.registry import task_entry
from benchmark.tasks.task import Grades, Task


def load_taught(name: str, share: float, *, submission: bool) -> tuple[Task, Grades]:
    """A share of a task without clicks on questions that are scored, and `taught` of its grades.

    Of these a submission's process holds those of dev questions alone, as no submission learns from people's grades.
    That this returns is what drops all others in this process.
    """
    task, grades = task_entry(name).load()
    task = task.taking(share)
    known = grades.only(task.dev().qids) if submission else taught(task, grades)
    return replace(task, log=task.training_log), known


def taught(task: Task, grades: Grades) -> Grades:
    """Those of training and dev questions, as `training_view` takes them."""
    return grades.only(task.questions.where(task.questions.split != "test").qids)
