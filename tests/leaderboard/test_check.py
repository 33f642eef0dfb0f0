"""`click-or-llm leaderboard --check`: nothing is written; one line for each thing that is not as the records say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine
from synthetic import CARDS, edit

from leaderboard import build

FAMOL = Path("made-up/famol/0.json")


@pytest.fixture
def checked(cli: CommandLine, results: Path, tmp_path: Path, monkeypatch):
    """A function that checks what was built from `results`, and returns the exit code and the lines that it printed."""
    out = tmp_path / "out"
    build(results, out, CARDS)
    monkeypatch.setattr("benchmark.commands.leaderboard.task_cards", lambda: CARDS)

    def check(*more: str | Path) -> tuple[int, list[str]]:
        ended = cli("leaderboard", "--check", "--results", results, "--out", out, *more)
        return ended.code, ended.errors

    return check


def test_nothing_is_told_of_what_is_as_the_records_say(checked, stored: Path) -> None:
    assert checked() == (0, [])
    assert checked("--before", stored) == (0, [])


def test_a_file_that_was_changed_is_told_and_left(checked, tmp_path: Path) -> None:
    page = tmp_path / "out" / "LEADERBOARD.md"
    page.write_text("mine")
    code, (line,) = checked()
    assert code == 1 and line.startswith(
        f"{page}: is not what the records say; run: click-or-llm leaderboard --results"
    )
    assert page.read_text() == "mine"


def test_scores_that_are_not_those_of_before_are_told(checked, stored: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    (before / FAMOL).parent.mkdir(parents=True)
    (before / FAMOL).write_bytes((stored / FAMOL).read_bytes())
    scores = json.loads((before / FAMOL).read_text())["scores"]
    scores["RR"]["macro"] -= 0.002
    edit(before / FAMOL, scores=scores)
    code, (line,) = checked("--before", before)
    assert code == 1 and "famol/0.json: scores.RR.macro was" in line and "raise the leaderboard's version" in line
