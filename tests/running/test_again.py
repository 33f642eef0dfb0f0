"""Results that differ from process to process: `check` fits a second time in another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_commands import bad, submission

from benchmark.running.check import check_submission
from benchmark.running.registry import load_systems
from benchmark.training.system import SYSTEMS


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Systems that a test declares are forgotten after it."""
    before = load_systems()
    yield
    SYSTEMS.clear()
    SYSTEMS.update(before)


SCORED = "return PairScorer(lambda q, d: np.array([{score} for one in d]))"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", SCORED.format(score="hash(one) % 1000 / 1000")),
        (
            "MEMO = {}\n",
            "MEMO.setdefault('noise', np.random.default_rng(view.seed).random())\n"
            "        " + SCORED.format(score="len(one) * MEMO['noise']"),
        ),
        ("import time\nSTARTED = time.time()\n", SCORED.format(score="STARTED")),
    ],
    ids=["hash", "memo", "time"],
)
def test_results_that_differ_from_process_to_process_are_told(tmp_path: Path, head: str, body: str) -> None:
    (told,) = check_submission(submission(tmp_path, head + bad(body)))
    assert "system mine-bad, seed 0: not deterministic: query " in told and "in another process, after seed 1" in told
