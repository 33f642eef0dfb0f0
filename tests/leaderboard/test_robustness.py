from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic import Fake, write_results

from benchmark.errors import DataError, RecordError
from benchmark.families import SEES_JUDGMENTS
from benchmark.running import cell as cells
from benchmark.running.registry import load_systems
from benchmark.tasks.registry import DEFAULT_TASK, TASKS
from leaderboard.read import read_cell
from leaderboard.robustness import FILES, Setting, is_outdated, pack, read_pack, render_all
from leaderboard.robustness.verdicts import REFERENCE, SystemRow, Verdict, judge, over_settings

SETTINGS = [Setting("made-a", "position-based", "none"), Setting("made-b", "cascade", "none")]
SEEDS = (0, 1, 2, 3)
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
    rows = {row.system: row for row in judge(sweep, SETTINGS, "fixed").rows}
    for at, setting in enumerate(SETTINGS):
        naive, good = sweep.values(setting.task, REFERENCE), sweep.values(setting.task, "clicks-good")
        macro = np.mean([(good - naive)[:, sweep.stratum == s].mean() for s in ("high", "medium", "low")])
        verdict = rows["clicks-good"].verdicts[at]
        assert verdict.difference == pytest.approx(macro)
        assert verdict.low < verdict.difference < verdict.high
        assert rows[REFERENCE].verdicts[at].p is None


def test_clear_differences_are_found_and_the_reference_is_not_tested(sweep) -> None:
    rows = {row.system: row for row in judge(sweep, SETTINGS, "fixed").rows}
    assert [rows["clicks-good"].count(kind) for kind in ("better", "worse")] == [2, 0]
    assert [rows["clicks-bad"].count(kind) for kind in ("better", "worse")] == [0, 2]
    assert rows[REFERENCE].count("not tested") == 2


def test_a_verdict_counts_the_noise_of_training(tmp_path: Path) -> None:
    """Four trainings far apart show no difference that queries alone would show of their mean."""
    wild = [Fake("clicks-wild", "clicks", (skill,) * 3, (seed,)) for seed, skill in enumerate((2.5, -1.5, -1.5, -1.5))]
    write_results(tmp_path, (*FAKES[::2], *wild), "made-a")
    found = {
        row.system: row.verdicts[0] for row in judge(pack(tmp_path, tmp_path / "p.parquet"), SETTINGS[:1], "").rows
    }
    assert found["clicks-wild"].p > 0.05
    assert found["clicks-wild"].kind == "even"
    assert found["clicks-bad"].kind == "worse"


def test_a_system_without_clicks_stands_in_every_column_with_one_run(sweep) -> None:
    floor = next(row for row in judge(sweep, SETTINGS, "fixed").rows if row.system == "floor")
    assert floor.verdicts[0].mean == floor.verdicts[1].mean


def test_a_system_that_lacks_seeds_in_a_column_is_absent_there(tmp_path: Path) -> None:
    for setting in SETTINGS:
        write_results(tmp_path, FAKES, setting.task)
        write_results(tmp_path, (Fake("clicks-others", "clicks", (1, 1, 1), seeds=(1, 2, 3, 4)),), setting.task)
    for seed in SEEDS[1:]:
        for path in (tmp_path / "made-b" / "clicks-good").glob(f"{seed}.*"):
            path.unlink()
    found = {row.system: row for row in judge(pack(tmp_path, tmp_path / "p.parquet"), SETTINGS, "fixed").rows}
    assert found["clicks-good"].verdicts[0] is not None and found["clicks-good"].verdicts[1] is None
    assert "clicks-others" not in found, "as many seeds, but others"


def test_a_seed_more_of_the_reference_hides_nobody(tmp_path: Path) -> None:
    write_results(tmp_path, (Fake(REFERENCE, "clicks", (0.9,) * 3, seeds=(*SEEDS, 4)), *FAKES[1:]), "made-a")
    found = {
        row.system: row.verdicts[0] for row in judge(pack(tmp_path, tmp_path / "p.parquet"), SETTINGS[:1], "").rows
    }
    assert [found[fake.name].kind for fake in FAKES] == ["not tested", "better", "worse"]


def test_what_is_missing_is_never_averaged(tmp_path: Path) -> None:
    """A system that was run under the easier user only stands below all others, without a mean."""
    for setting, ease in zip(SETTINGS, (1.5, 0.0), strict=True):
        fakes = (Fake(fake.name, fake.family, tuple(skill + ease for skill in fake.skill), SEEDS) for fake in FAKES)
        write_results(tmp_path, tuple(fakes), setting.task)
    for path in (tmp_path / "made-b" / "clicks-good").iterdir():
        path.unlink()
    sweep = pack(tmp_path, tmp_path / "p.parquet")
    assert [(row.system, row.mean is None) for row in judge(sweep, SETTINGS, "fixed").rows] == [
        (REFERENCE, False), ("clicks-bad", False), ("clicks-good", True)
    ]  # fmt: skip
    page = render_all(sweep, SETTINGS, "fixed")["robustness.html"]
    assert "clicks-good (1 better, 0 worse of 1)" in page
    assert "clicks-bad (0 better, 2 worse of 2)" in page
    assert ">clicks-good</span></th>\n<td>–</td>" in page


def current(name: str, **changes) -> Fake:
    """Records of a declared system on the embedded task, of today's code and data but for `changes`."""
    cls, entry = load_systems()[name], TASKS[DEFAULT_TASK]
    data = (entry.manifest_sha256(), entry.judgments_sha256())[: 2 if cls.family in SEES_JUDGMENTS else 1]
    identity = cells.make_cell(cls, entry.name, data, 0, 1.0).identity
    return Fake(name, cls.family, (0.9, 0.9, 0.9), seeds=(0,), changes={"identity": identity} | changes)


def test_a_sweep_is_outdated_once_the_code_of_any_of_its_systems_changes(tmp_path: Path, monkeypatch) -> None:
    """Also of one that learns from clicks, which has no record beside the sweep."""
    write_results(tmp_path / "sweep", (current(REFERENCE), current("clicks-pbm")), DEFAULT_TASK)
    sweep = pack(tmp_path / "sweep", tmp_path / "p.parquet")
    assert not is_outdated(sweep, tmp_path)
    before = cells._code_hash
    monkeypatch.setattr(
        cells, "_code_hash", lambda source, sees: before(source, sees) + ("x" if source.name == "clicks_pbm.py" else "")
    )
    assert is_outdated(sweep, tmp_path)


def test_a_sweep_is_outdated_by_a_system_that_is_gone_and_by_another_record_of_the_leaderboard(tmp_path: Path) -> None:
    write_results(tmp_path / "sweep", (current("clicks-pbm"),), DEFAULT_TASK)
    sweep = pack(tmp_path / "sweep", tmp_path / "p.parquet")
    write_results(tmp_path / "results", (current("clicks-pbm", identity="c" * 64),), DEFAULT_TASK)
    assert is_outdated(sweep, tmp_path / "results") and not is_outdated(sweep, tmp_path)
    write_results(tmp_path / "sweep", (Fake("clicks-gone", "clicks", (1, 1, 1), seeds=(0,)),), DEFAULT_TASK)
    assert is_outdated(pack(tmp_path / "sweep", tmp_path / "p.parquet"), tmp_path)


def test_a_page_of_other_code_than_the_leaderboard_says_so(sweep) -> None:
    assert "have changed since" not in render_all(sweep, SETTINGS, "fixed")["robustness.html"]
    told = render_all(sweep, SETTINGS, "fixed", outdated=True)
    assert "have changed since" in told["robustness.html"] and json.loads(told["robustness.json"])["outdated"]


def test_a_column_of_two_seeds_is_not_tested_and_says_so(tmp_path: Path) -> None:
    """The other has five; each column names its own seeds, and the note is that of the smallest."""
    for setting, seeds in zip(SETTINGS, ((0, 1), (0, 1, 2, 3, 4)), strict=True):
        write_results(tmp_path, tuple(Fake(f.name, f.family, f.skill, seeds) for f in FAKES), setting.task)
    # the floor's five seeds are no seeds of the first column
    write_results(tmp_path, (Fake("floor", "floor", (0.9, 0.9, 0.9)),), "fixed")
    sweep = pack(tmp_path, tmp_path / "p.parquet")
    judged = judge(sweep, SETTINGS, "fixed")
    assert judged.seeds == ((0, 1), (0, 1, 2, 3, 4))
    good = next(row for row in judged.rows if row.system == "clicks-good")
    first, second = good.verdicts
    assert first.p is None and first.kind == "not tested" and first.low < first.difference < first.high
    assert second.kind == "better"
    files = render_all(sweep, SETTINGS, "fixed")
    page = files["robustness.html"]
    assert "<small>seeds 0, 1</small><small>not tested</small></th>" in page
    assert "<small>seeds 0, 1, 2, 3, 4</small></th>" in page
    assert "2 seeds in some columns" in page and "clicks-good (1 better, 0 worse of 1)" in page
    assert [each["seeds"] for each in json.loads(files["robustness.json"])["settings"]] == [[0, 1], [0, 1, 2, 3, 4]]
    only = render_all(sweep, SETTINGS[:1], "fixed")["robustness.html"]
    assert "test queries, seeds 0, 1." in only and "<b>Not tested</b>: fewer than 4 seeds" in only
    assert "Not tested under any user: clicks-good, clicks-bad." in only


def test_what_is_said_over_all_settings_is_adjusted_for_them() -> None:
    """Of two marks one is left by Holm, and none of a single p that is just below the level."""

    def row(*p: float | None) -> SystemRow:
        return SystemRow("clicks-x", "clicks", "", over_settings([Verdict(0.5, 0.1, 0.0, 0.2, each) for each in p]))

    found = row(0.001, 0.04, 0.9, None)
    assert found.count("better") == 2
    assert found.overall() == {"better": 1, "even": 2}
    assert [each and each.p_overall for each in found.verdicts] == pytest.approx([0.003, 0.08, 0.9, None])
    assert row(0.04, 0.9).overall() == {"even": 2}
    assert row(0.04).overall() == {"better": 1}
    assert not row(None).overall()


def test_the_reference_alone_is_a_page_without_verdicts(tmp_path: Path) -> None:
    write_results(tmp_path, FAKES[:1], "made-a")
    sweep = pack(tmp_path, tmp_path / "p.parquet")
    (row,) = judge(sweep, SETTINGS[:1], "fixed").rows
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
    with pytest.raises(DataError, match=r"cannot be read .*restore it") as caught:
        read_pack(path)
    assert "\n" not in str(caught.value)


def change(path: Path, name: str, values: list) -> None:
    """Put other values into a column of a pack."""
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.column_names.index(name), name, pa.array(values)), path)


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        (f"made-a/{REFERENCE}/0", [float("nan")] + [0.5] * 89, f"column made-a/{REFERENCE}/0, row 0 is nan, outside"),
        (f"made-a/{REFERENCE}/0", [0.5] * 89 + [1.5], f"column made-a/{REFERENCE}/0, row 89 is 1.5, outside"),
        (f"made-a/{REFERENCE}/0", [None] * 90, f"made-a/{REFERENCE}/0"),
        (f"made-a/{REFERENCE}/0", ["good"] * 90, f"cannot be read .column made-a/{REFERENCE}/0: could not convert"),
        ("stratum", ["high"] * 30 + ["medium"] * 30 + ["rare"] * 30, "stratum 'rare' is none of high, medium, low"),
        ("stratum", ["high"] * 45 + ["medium"] * 45, "stratum 'low' has no queries, a test needs two"),
        ("stratum", ["high"] * 44 + ["medium"] * 45 + ["low"], "stratum 'low' has 1 query, a test needs two"),
        ("stratum", [7] * 90, "stratum '7' is none of"),
    ],
)
def test_a_pack_that_cannot_be_judged_is_one_line(sweep, tmp_path: Path, column: str, values: list, told: str) -> None:
    path = tmp_path / "pack.parquet"
    change(path, column, values)
    with pytest.raises(DataError, match=f"pack.parquet: .*{told}.*; restore it: git checkout") as caught:
        read_pack(path)
    assert "\n" not in str(caught.value)


def test_a_sweep_of_too_few_queries_is_not_written(tmp_path: Path) -> None:
    write_results(tmp_path, FAKES, "made-a", queries=1)
    with pytest.raises(DataError, match=r"stratum 'high' has 1 query, a test needs two; run the whole task"):
        pack(tmp_path, tmp_path / "p.parquet")
    assert not (tmp_path / "p.parquet").exists()
