"""Results that differ from process to process: `check` fits a second time in another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_commands import bad, submission

from benchmark.running.check import check_submission

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
def test_results_that_differ_from_process_to_process_are_told(tmp_path: Path, restored, head: str, body: str) -> None:
    (told,) = check_submission(submission(tmp_path, head + bad(body)))
    assert "system mine-bad, seed 0: not deterministic: query " in told and "in another process, after seed 1" in told
