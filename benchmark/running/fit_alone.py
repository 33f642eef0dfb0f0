"""One system fitted as if it were alone in the world."""

from __future__ import annotations

from benchmark.running.dev_limit import limited
from benchmark.running.fit import Fitted, fit_and_rank, training_view
from benchmark.running.own_copy import own_copy
from benchmark.tasks.task import Grades, Task
from benchmark.training.system import System


def fit_alone(cls: type[System], task: Task, grades: Grades, family: str, seed: int, *, submission: bool) -> Fitted:
    """What a system makes of its own copy of the task; a submission asks for dev numbers so often (see `limited`).

    Raises `SystemFault` for whatever goes wrong.
    """
    task, grades = own_copy(task, grades)
    view = training_view(task, grades, family, seed)
    if submission:
        view.dev = limited(view.dev)
    return fit_and_rank(cls, view, task.test(), dict(task.question_text))
