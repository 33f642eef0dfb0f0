"""The simulations that the embedded task is offered under."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.labels.clicks.simulate import (
    NOISE,
    USERS,
    VARIANTS,
    ClickThrough,
    SimulatedPages,
    Simulation,
    Simulator,
    document_quality,
)
from benchmark.tasks.insuranceqa.build import SEED, production_rank
from benchmark.tasks.registry import TASKS, task_entry
from benchmark.tasks.task import Grades, Task


def test_six_users_at_three_levels_of_noise() -> None:
    assert len(USERS) >= 6 and list(NOISE) == ["low", "mid", "strong"]
    assert {f"{user}-{level}" for user in USERS for level in NOISE} <= set(VARIANTS)
    assert VARIANTS[""] == Simulation()


def test_every_variant_is_a_task_described_in_a_line_of_its_own() -> None:
    told = [TASKS[f"insuranceqa{'-' if name else ''}{name}"].description for name in VARIANTS]
    assert len(set(told)) == len(TASKS) == len(VARIANTS)
    for line in told:
        assert "simulated clicks" in line and "\n" not in line and len(line) < 240
        assert "object at" not in line and "=" not in line  # no repr of an object


@pytest.fixture(scope="module")
def lists(task: Task, grades: Grades) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A tenth of the impressions of the embedded log's questions, and their lists."""
    questions = task.questions.where(np.isin(task.questions.qids, task.log.qids))
    bm25 = task.features.scalar("bm25", np.repeat(questions.qids, 20), questions.docnos.ravel()).reshape(-1, 20)
    impressions = np.ceil(questions.frequency / 10).astype(int)
    return impressions, production_rank(bm25), grades.of(questions) > 0, document_quality(questions.docnos, SEED)


@pytest.mark.parametrize("variant", VARIANTS)
def test_pages_get_half_a_click_to_two(lists, variant: str) -> None:
    impressions, *of = lists
    found = ClickThrough.of(SimulatedPages(Simulator(*of, VARIANTS[variant]), impressions, SEED).pages())
    assert 0.4 < found.clicks < 2 and 0.1 < found.first < 0.7 and found.none < 0.7


def test_noise_hides_relevance(lists) -> None:
    """From one level to the next, fewer of the clicks are on relevant documents."""
    impressions, *of = lists
    for user in USERS:
        shares = []
        for level in NOISE:
            blocks = SimulatedPages(Simulator(*of, VARIANTS[f"{user}-{level}"]), impressions, SEED).blocks()
            hits = np.concatenate([of[1][query[:, None], shown][clicked] for query, shown, clicked in blocks])
            shares.append(hits.mean())
        assert shares == sorted(shares, reverse=True)


def test_a_variant_differs_from_the_task_in_its_log_only(task: Task) -> None:
    cascade, _ = task_entry("insuranceqa-cascade-mid").load()
    assert cascade.name == "insuranceqa-cascade-mid" and cascade.log.simulated
    assert cascade.log.clicked.sum(axis=1).max() == 1
    assert (cascade.log.query == task.log.query).all() and (cascade.log.qids == task.log.qids).all()
    assert (cascade.questions.docnos == task.questions.docnos).all()
