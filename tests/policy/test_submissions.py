"""The policy over the folders of submissions, and over their stored records."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.running.admission import admit
from benchmark.running.cell import data_seen, make_cell
from benchmark.running.record import read_record
from benchmark.tasks.registry import task_entry

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path for path in (ROOT / "submissions").iterdir() if path.is_dir())
SUBMITTED = [
    path for path in sorted((ROOT / "leaderboard" / "results").glob("*/*/*.json")) if read_record(path).submission
]


pytestmark = pytest.mark.usefixtures("restored")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_submission_may_be_run(folder: Path) -> None:
    assert admit(folder)


def test_every_record_of_a_submission_is_of_its_folder_as_it_is() -> None:
    for path in SUBMITTED:
        record = read_record(path)
        declared = {cls.name: cls for cls in admit(ROOT / record.submission)}
        assert record.system in declared, f"{path}: {record.submission} declares no such system"
        cls, entry = declared[record.system], task_entry(record.task)
        data = data_seen(cls, entry.manifest_sha256(), entry.judgments_sha256())
        cell = make_cell(cls, entry.name, data, record.seed, record.share, record.submission)
        assert record.identity == cell.identity, f"{path}: run it again"
