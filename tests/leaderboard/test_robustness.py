from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from synthetic import Fake, write_results

from benchmark.errors import RecordError
from leaderboard.read import read_cell
from leaderboard.robustness import FILES, Setting, is_outdated, pack, read_pack, render_all
from leaderboard.robustness.verdicts import REFERENCE, judge

SETTINGS = [Setting("made-a", "position-based", "none"), Setting("made-b", "cascade", "none")]
SEEDS = (0, 1, 2)
FAKES = (
    Fake(REFERENCE, "clicks", (0.9, 0.9, 0.9), seeds=SEEDS),
    Fake("clicks-good", "clicks", (2.5, 2.5, 2.5), seeds=SEEDS),
    Fake("clicks-bad", "clicks", (0.0, 0.0, 0.0), seeds=SEEDS),
)


@pytest.fixture
def sweep(tmp_path: Path):
    for setting in SETTINGS:
        write_results(tmp_path / "sweep", FAKES, setting.task)
    write_results(tmp_path / "results", (Fake("floor", "floor", (0.9, 0.9, 0.9)),), "fixed")
    return pack(tmp_path / "sweep", tmp_path / "pack.parquet", beside=[tmp_path / "results" / "fixed" / "floor"])


def test_the_pack_holds_every_score_of_every_record(sweep, tmp_path: Path) -> None:
    for cell in sweep.cells:
        folder = tmp_path / ("results" if cell.task == "fixed" else "sweep")
        record = read_cell(folder / cell.task / cell.system / f"{cell.seed}.json")
        kept = sweep.scores[sweep.cells.index(cell)]
        np.testing.assert_allclose(kept, record.scores["nDCG@10"], atol=1e-6)
    again = read_pack(tmp_path / "pack.parquet")
    assert again.cells == sweep.cells and (again.scores == sweep.scores).all()


def test_a_verdict_is_the_macro_difference_to_the_reference(sweep) -> None:
    rows = {row.system: row for row in judge(sweep, SETTINGS, "fixed")}
    for at, setting in enumerate(SETTINGS):
        naive, good = sweep.values(setting.task, REFERENCE), sweep.values(setting.task, "clicks-good")
        macro = np.mean([(good - naive)[:, sweep.stratum == s].mean() for s in ("high", "medium", "low")])
        verdict = rows["clicks-good"].verdicts[at]
        assert verdict.difference == pytest.approx(macro)
        assert verdict.low < verdict.difference < verdict.high
        assert rows[REFERENCE].verdicts[at].p is None


def test_clear_differences_are_found_and_the_reference_is_even(sweep) -> None:
    rows = {row.system: row for row in judge(sweep, SETTINGS, "fixed")}
    assert [rows["clicks-good"].count(kind) for kind in ("better", "worse")] == [2, 0]
    assert [rows["clicks-bad"].count(kind) for kind in ("better", "worse")] == [0, 2]
    assert rows[REFERENCE].count("even") == 2


def test_a_verdict_counts_the_noise_of_training(tmp_path: Path) -> None:
    """Three trainings far apart show no difference that queries alone would show of their mean."""
    wild = [Fake("clicks-wild", "clicks", (skill,) * 3, (seed,)) for seed, skill in enumerate((2.5, -1.5, -1.5))]
    write_results(tmp_path, (*FAKES[::2], *wild), "made-a")
    found = {row.system: row.verdicts[0] for row in judge(pack(tmp_path, tmp_path / "p.parquet"), SETTINGS[:1], "")}
    assert found["clicks-wild"].p > 0.05
    assert found["clicks-wild"].kind == "even"
    assert found["clicks-bad"].kind == "worse"


def test_a_system_without_clicks_stands_in_every_column_with_one_run(sweep) -> None:
    floor = next(row for row in judge(sweep, SETTINGS, "fixed") if row.system == "floor")
    assert floor.verdicts[0].mean == floor.verdicts[1].mean


def test_a_system_that_lacks_seeds_in_a_column_is_absent_there(tmp_path: Path) -> None:
    for setting in SETTINGS:
        write_results(tmp_path, FAKES, setting.task)
        write_results(tmp_path, (Fake("clicks-others", "clicks", (1, 1, 1), seeds=(1, 2, 3)),), setting.task)
    for seed in SEEDS[1:]:
        for path in (tmp_path / "made-b" / "clicks-good").glob(f"{seed}.*"):
            path.unlink()
    found = {row.system: row for row in judge(pack(tmp_path, tmp_path / "p.parquet"), SETTINGS, "fixed")}
    assert found["clicks-good"].verdicts[0] is not None and found["clicks-good"].verdicts[1] is None
    assert "clicks-others" not in found, "as many seeds, but others"


def test_a_seed_more_of_the_reference_hides_nobody(tmp_path: Path) -> None:
    write_results(tmp_path, (Fake(REFERENCE, "clicks", (0.9,) * 3, seeds=(*SEEDS, 3)), *FAKES[1:]), "made-a")
    found = {row.system: row.verdicts[0] for row in judge(pack(tmp_path, tmp_path / "p.parquet"), SETTINGS[:1], "")}
    assert [found[fake.name].kind for fake in FAKES] == ["even", "better", "worse"]


def test_what_is_missing_is_never_averaged(tmp_path: Path) -> None:
    """A system that was run under the easier user only stands below all others, without a mean."""
    for setting, ease in zip(SETTINGS, (1.5, 0.0), strict=True):
        fakes = (Fake(fake.name, fake.family, tuple(skill + ease for skill in fake.skill), SEEDS) for fake in FAKES)
        write_results(tmp_path, tuple(fakes), setting.task)
    for path in (tmp_path / "made-b" / "clicks-good").iterdir():
        path.unlink()
    sweep = pack(tmp_path, tmp_path / "p.parquet")
    assert [(row.system, row.mean is None) for row in judge(sweep, SETTINGS, "fixed")] == [
        (REFERENCE, False), ("clicks-bad", False), ("clicks-good", True)
    ]  # fmt: skip
    page = render_all(sweep, SETTINGS, "fixed")["robustness.html"]
    assert "clicks-good (1 better, 0 worse of 1)" in page
    assert "clicks-bad (0 better, 2 worse of 2)" in page
    assert ">clicks-good</span></th>\n<td>–</td>" in page


def test_a_page_of_other_code_than_the_leaderboard_says_so(sweep, tmp_path: Path) -> None:
    results = tmp_path / "results"
    assert not is_outdated(sweep, results)
    assert "have changed since" not in render_all(sweep, SETTINGS, "fixed")["robustness.html"]
    write_results(results, (Fake("floor", "floor", (0.9, 0.9, 0.9), changes={"identity": "c" * 64}),), "fixed")
    assert is_outdated(sweep, results)
    told = render_all(sweep, SETTINGS, "fixed", outdated=True)
    assert "have changed since" in told["robustness.html"] and json.loads(told["robustness.json"])["outdated"]


def test_the_reference_alone_is_a_page_without_verdicts(tmp_path: Path) -> None:
    write_results(tmp_path, FAKES[:1], "made-a")
    sweep = pack(tmp_path, tmp_path / "p.parquet")
    (row,) = judge(sweep, SETTINGS[:1], "fixed")
    assert row.verdicts[0].p is None and row.verdicts[0].difference == 0
    assert render_all(sweep, SETTINGS[:1], "fixed")["robustness.html"]


def test_equal_sweeps_give_equal_bytes_and_the_page_asks_for_nothing(sweep) -> None:
    first, second = (render_all(sweep, SETTINGS, "fixed") for _ in range(2))
    assert first == second and tuple(first) == FILES
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", first["robustness.html"])
    assert "Every click behind this page is simulated" in first["robustness.html"]


def test_json_and_csv_say_the_same(sweep) -> None:
    files = render_all(sweep, SETTINGS, "fixed")
    told = {row["system"]: row["verdicts"] for row in json.loads(files["robustness.json"])["systems"]}
    for row in csv.DictReader(io.StringIO(files["robustness.csv"])):
        assert float(row["difference"]) == pytest.approx(told[row["system"]][row["task"]]["difference"], abs=1e-6)
        assert row["verdict"] == told[row["system"]][row["task"]]["verdict"]


def test_records_of_different_data_are_never_packed_together(tmp_path: Path) -> None:
    write_results(tmp_path, FAKES, "made-a")
    write_results(tmp_path, (Fake("other", "clicks", (1, 1, 1), changes={"manifest": "b" * 64}),), "made-b")
    with pytest.raises(RecordError, match=r"manifest is .*; delete one of the two"):
        pack(tmp_path, tmp_path / "p.parquet")
    assert not (tmp_path / "p.parquet").exists()


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"PAR1" + data])
def test_a_damaged_pack_is_one_line(sweep, tmp_path: Path, damage) -> None:
    path = tmp_path / "pack.parquet"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RecordError, match=r"cannot be read .*restore it") as caught:
        read_pack(path)
    assert "\n" not in str(caught.value)
