"""The embedded task, loaded once; a fiftieth of it where something has to be trained."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from benchmark.running.registry import load_systems
from benchmark.running.taught import taught as worker_grades
from benchmark.tasks.registry import DEFAULT_TASK, task_entry
from benchmark.tasks.task import Grades, Task
from benchmark.training.system import SYSTEMS

hypothesis.settings.register_profile("untimed", deadline=None)  # another process may have the cores
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def loaded() -> tuple[Task, Grades]:
    return task_entry(DEFAULT_TASK).load()


@pytest.fixture(scope="session")
def task(loaded: tuple[Task, Grades]) -> Task:
    return loaded[0]


@pytest.fixture(scope="session")
def grades(loaded: tuple[Task, Grades]) -> Grades:
    return loaded[1]


@pytest.fixture(scope="session")
def small(task: Task) -> Task:
    return task.taking(0.02)


@pytest.fixture(scope="session")
def taught(task: Task, grades: Grades) -> Grades:
    """Grades without those of test questions: what a worker holds."""
    return worker_grades(task, grades)


@pytest.fixture
def restored() -> Iterator[None]:
    """Systems that a test declares are forgotten after it; what is installed declares itself once in a process."""
    before = load_systems()
    yield
    SYSTEMS.clear()
    SYSTEMS.update(before)
