"""The embedded task, loaded once; a fiftieth of it where something has to be trained."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace

import hypothesis
import pytest
from command_line import CommandLine

from benchmark.running.registry import load_systems
from benchmark.running.taught import taught as worker_grades
from benchmark.tasks.registry import DEFAULT_TASK, TASKS, task_entry
from benchmark.tasks.task import Grades, Task
from benchmark.training.system import SYSTEMS

hypothesis.settings.register_profile("untimed", deadline=None)  # another process may have the cores
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def load() -> Callable[[], tuple[Task, Grades]]:
    """Loads the embedded task, once."""
    return functools.cache(task_entry(DEFAULT_TASK).load)


@pytest.fixture(scope="session")
def loaded(load: Callable[[], tuple[Task, Grades]]) -> tuple[Task, Grades]:
    return load()


@pytest.fixture
def cli(
    load: Callable[[], tuple[Task, Grades]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """The command line; it does not load the embedded task again, which takes seconds."""
    monkeypatch.setitem(TASKS, DEFAULT_TASK, replace(task_entry(DEFAULT_TASK), load=load))
    return CommandLine(monkeypatch, capsys)


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
