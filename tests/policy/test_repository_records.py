"""The policy over everything that is stored in this repository: what a pull request may not break."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmark.commands.leaderboard import task_cards
from benchmark.running.record import read_record
from benchmark.running.registry import load_systems
from benchmark.tasks.registry import TASKS, task_entry
from leaderboard import check, check_readme, read_standings, stale_files
from leaderboard.robustness import is_outdated, read_pack, render_all, sweep_settings
from leaderboard.robustness.pack import NAME

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "leaderboard" / "results"
RECORDS = sorted(RESULTS.glob("*/*/*.json"))


def test_there_are_records() -> None:
    assert RECORDS


def test_every_record_holds_to_the_policies() -> None:
    assert check(RESULTS) == []


def test_records_lie_where_their_names_say() -> None:
    for path in RECORDS:
        record = read_record(path)
        assert path.relative_to(RESULTS).as_posix() == f"{record.task}/{record.system}/{record.seed}.json"
        assert record.share == 1
        metadata = yaml.safe_load(path.with_suffix(".ir-metadata.yml").read_text())
        assert metadata["tag"] == record.system


def test_every_stored_system_and_task_still_exists() -> None:
    known = load_systems()
    for path in RECORDS:
        record = read_record(path)
        assert record.task in TASKS
        if record.source.startswith("baselines/"):
            assert known[record.system].family == record.family


def test_records_are_of_the_data_that_is_shipped() -> None:
    for path in RECORDS:
        record = read_record(path)
        assert record.manifest == TASKS[record.task].manifest_sha256(), f"{path}: run it again"


@pytest.fixture(scope="module")
def standings():
    return read_standings(RESULTS, task_cards())


def test_the_generated_files_are_what_the_records_say(standings) -> None:
    assert stale_files(ROOT / "leaderboard", standings, RESULTS) == []
    assert check_readme(ROOT / "README.md", standings)


def test_the_robustness_page_is_what_its_scores_say_and_of_the_data_that_is_shipped() -> None:
    sweep = read_pack(ROOT / "leaderboard" / NAME)
    for name, text in render_all(sweep, outdated=is_outdated(sweep, RESULTS)).items():
        assert (ROOT / "leaderboard" / name).read_text(encoding="utf-8") == text, "run: click-or-llm leaderboard"
    assert {setting.task for setting in sweep_settings()} <= {cell.task for cell in sweep.cells}
    for task in {cell.task for cell in sweep.cells}:
        assert sweep.protocol.manifest == TASKS[task].manifest_sha256(), "run: click-or-llm robustness"


def test_the_board_can_tell_systems_apart(standings) -> None:
    for stratum in ("high", "medium", "low"):
        assert standings.tasks["insuranceqa"].mde[stratum] <= 0.02


def headline(standings, system: str) -> dict[str, float]:
    row = next(row for row in standings.rows if row.task == "insuranceqa" and row.system == system)
    return {group: score.mean for group, score in row.scores["nDCG@10"].items()}


def test_there_is_room_between_floor_and_skyline(standings) -> None:
    skyline = headline(standings, "skyline-human")
    floors = [headline(standings, row.system) for row in standings.rows if row.family == "floor"]
    best = max(floors, key=lambda floor: floor["macro"])
    assert skyline["macro"] >= best["macro"] + 0.04
    assert all(skyline[stratum] >= best[stratum] + 0.025 for stratum in ("high", "medium", "low"))


@pytest.mark.parametrize("probe", ["probe-document-only", "probe-reversed"])
def test_there_is_no_artefact(standings, probe: str) -> None:
    found, bm25 = headline(standings, probe), headline(standings, "bm25")
    assert all(found[group] <= bm25[group] for group in ("macro", "high", "medium", "low"))


def test_the_artefact_that_there_is_is_told(standings) -> None:
    """Answers are exclusive: what other questions a document is close to is nearly a grade."""
    found = headline(standings, "probe-other-questions")["macro"]
    assert found > headline(standings, "skyline-human")["macro"]
    assert any("probe-other-questions" in note for note in task_entry("insuranceqa").notes)
    assert f"has {found:.3f} in macro" in (ROOT / "README.md").read_text()
