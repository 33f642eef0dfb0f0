"""The tasks by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmark.errors import ConfigurationError, nearest
from benchmark.labels.clicks.simulate import VARIANTS
from benchmark.tasks.task import Grades, Task

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments import Judgments


@dataclass(frozen=True)
class TaskEntry:
    """A task that can be loaded: its name, what it is, and how its log came about.

    `check` verifies the task's data without loading it and says what was found, or raises `DataError`;
    `manifest_sha256` is what a number on the task depends on, together with `judgments_sha256` where LLM judgments were
    learned from.
    """

    name: str
    description: str
    simulated_log: bool
    licence: str
    notes: tuple[str, ...]
    load: Callable[[], tuple[Task, Grades]]
    check: Callable[[], str]
    manifest_sha256: Callable[[], str]
    judgments_sha256: Callable[[], str]
    all_judgments: Callable[[], dict[str, Judgments]]
    """All shipped judgments, also those of dev and test questions, which no system sees."""
    variant_of: str = ""
    """The task that this one is but for its simulated clicks: same data, same questions."""


LICENCE = "the package insuranceqa_data says GPL-3.0; it is read where it is installed, none of its text is copied"
NOTES = (
    "Questions, answers and expert relevance are real; relevance is binary and sparse, and answers that no expert "
    "gave count as not relevant.",
    "The log is simulated from expert relevance: it can show how learning copes with position bias, noise and "
    "scarcity, and it cannot show that clicks know something that text does not.",
    "The document quality that attracts simulated clicks is independent of relevance by construction; on this task it "
    "can only mislead, so the claim that clicks carry authority cannot be tested here.",
    "Frequency is Zipfian by decree; only its order comes from how many users asked the same thing.",
    "Nearly every answer was given to one question alone (20,877 of the 21,243 that any was given to), so an answer "
    "that is close to other questions is hardly ever relevant: probe-other-questions, which learns from no label, lies "
    "above skyline-human. A system may not use it: no pair's score depends on other questions that are scored.",
    "Candidates are the top 20 of a label-blind first stage; a question without an expert answer among them is left "
    "out.",
)


def _insuranceqa(variant: str) -> TaskEntry:
    def load() -> tuple[Task, Grades]:
        from benchmark.tasks.insuranceqa.load import load as load_insuranceqa  # pandas and torch only when used
        from benchmark.tasks.insuranceqa.shipped import judgments

        task, grades = load_insuranceqa(variant)
        return replace(task, judgments=judgments()), grades

    def check() -> str:
        from benchmark.tasks.insuranceqa.load import check as check_insuranceqa
        from benchmark.tasks.insuranceqa.shipped import names

        return f"{check_insuranceqa()}, judgments: {', '.join(names()) or 'none'}"

    def manifest_sha256() -> str:
        from benchmark.tasks.insuranceqa.load import manifest_sha256 as insuranceqa_manifest

        return insuranceqa_manifest()

    def judgments_sha256() -> str:
        from benchmark.tasks.insuranceqa.shipped import judgments_sha256 as insuranceqa_judgments

        return insuranceqa_judgments()

    def all_judgments() -> dict[str, Judgments]:
        from benchmark.tasks.insuranceqa.shipped import all_judgments as insuranceqa_all

        return insuranceqa_all()

    described = "real questions, answers and expert relevance; simulated clicks"
    if variant:
        described = f"as insuranceqa, with simulated clicks: {VARIANTS[variant].describe()}"
    return TaskEntry(
        f"insuranceqa{'-' if variant else ''}{variant}",
        described,
        True,
        LICENCE,
        NOTES,
        load,
        check,
        manifest_sha256,
        judgments_sha256,
        all_judgments,
        variant_of="insuranceqa" if variant else "",
    )


TASKS = {entry.name: entry for entry in map(_insuranceqa, VARIANTS)}
DEFAULT_TASK = "insuranceqa"


def task_entry(name: str) -> TaskEntry:
    """The task of that name; raises `ConfigurationError` with the nearest name when there is none."""
    if name not in TASKS:
        raise ConfigurationError(f"task {name}: there is no such task; {nearest(name, TASKS)}")
    return TASKS[name]
