"""The judgments that a command is about, and the settings that they were made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmark.commands.settings import parse_settings

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments import Judgments, Metadata
    from benchmark.tasks.registry import TaskEntry
    from benchmark.tasks.task import Grades, Task


def stored_judgments(name: str, entry: TaskEntry) -> tuple[str, Judgments]:
    """The shipped judgments of this name, or those of a file, and what they are called."""
    from benchmark.labels.llm.judgments.named import judgments_named

    ((called, stored),) = judgments_named([name], entry.all_judgments()).items()
    return called, stored


def settings_of(setting: list[str], made: Metadata, task: Task, grades: Grades) -> dict[str, Any]:
    """What a user adds to the settings that a file tells, such as the pool that demonstrations came from."""
    from benchmark.labels.llm.methods.pool import with_pool

    return with_pool(parse_settings(setting), task, grades, int(made.settings.get("seed", 0)))
