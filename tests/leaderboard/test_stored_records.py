"""What is refused, and that each refusal is one line that names the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from synthetic import CARDS, edit, edit_scores

from benchmark.errors import ConfigurationError, RecordError
from leaderboard import check, moved, read_standings
from leaderboard.read import collect

FAMOL = Path("made-up/famol/0.json")


def refused(results: Path, *said: str) -> str:
    with pytest.raises(RecordError) as error:
        read_standings(results, CARDS)
    line = str(error.value)
    assert "\n" not in line
    for words in said:
        assert words in line
    return line


def test_good_records_have_one_kind_of_problem_missing_seeds(stored: Path) -> None:
    assert check(stored) == [f"{stored}/made-up/half-done: seeds 2, 3, 4 are missing; run them"]


def test_truncated_json(results: Path) -> None:
    path = results / FAMOL
    path.write_text(path.read_text()[:300])
    refused(results, str(path), "JSON")
    assert any(str(path) in problem for problem in check(results))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 2}, "schema_version"),
        ({"scores": {"RR": {"macro": 1.2}}}, "scores.RR.macro"),
        ({"scores": {"RR": {"macro": float("nan")}}}, "scores.RR.macro"),
        ({"tie_rate": -0.1}, "tie_rate"),
        ({"family": "magic"}, "family"),
        ({"surprise": 1}, "surprise"),
        ({"seed": 1}, "famol/1"),
        ({"system": "other"}, "other"),
    ],
)
def test_malformed_field_is_named(results: Path, change: dict[str, Any], said: str) -> None:
    edit(results / FAMOL, **change)
    refused(results, str(results / FAMOL), said)


def test_seed_that_is_no_seed_of_the_protocol(results: Path) -> None:
    for suffix in (".json", ".scores.parquet"):
        (results / FAMOL).with_suffix(suffix).rename((results / FAMOL).with_name(f"9{suffix}"))
    edit((results / FAMOL).with_name("9.json"), seed=9)
    refused(results, "seed 9 is none of 0, 1, 2, 3, 4")


def test_missing_and_damaged_scores_file(results: Path) -> None:
    parquet = (results / FAMOL).with_suffix(".scores.parquet")
    parquet.write_bytes(parquet.read_bytes()[:100])
    refused(results, str(parquet))
    parquet.unlink()
    refused(results, str(parquet))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("RR", np.nan, "RR of query 'q00003' is nan"),
        ("AP", 1.5, "AP of query 'q00003' is 1.5"),
        ("nDCG@10", -0.1, "outside [0, 1]"),
        ("stratum", "often", "'often' is none of high, medium, low"),
        ("qid", "q00002", "'q00002' occurs twice"),
        ("RR", np.inf, "RR of query 'q00003' is inf"),
        ("qid", None, "row 3 has no qid"),
        ("stratum", None, "row 3 has no stratum"),
        ("seen", None, "row 3 has no seen"),
    ],
)
def test_value_that_no_query_can_have(results: Path, column: str, value: Any, said: str) -> None:
    edit_scores(results / FAMOL, column, 3, value)
    refused(results, "0.scores.parquet", said)


@pytest.mark.parametrize(("column", "kind"), [("qid", int), ("seen", str), ("AP", str)])
def test_column_of_another_type(results: Path, column: str, kind: type) -> None:
    parquet = (results / FAMOL).with_suffix(".scores.parquet")
    frame = pd.read_parquet(parquet)
    frame[column] = frame.index if kind is int else frame[column].astype(kind)
    frame.to_parquet(parquet, index=False)
    refused(results, "0.scores.parquet", f"column {column!r} holds values of another type", "run the cell again")


def test_scores_of_other_queries_are_never_compared(results: Path) -> None:
    edit_scores(results / FAMOL, "qid", 89, "q99999")
    refused(results, str(results / FAMOL), "bm25/0.json", "different queries")


def test_scores_without_a_measure(results: Path) -> None:
    parquet = (results / FAMOL).with_suffix(".scores.parquet")
    pd.read_parquet(parquet).drop(columns="ERR@10").to_parquet(parquet, index=False)
    refused(results, "has no column 'ERR@10'")


@pytest.mark.parametrize(
    ("field", "value"),
    [("task_version", "2"), ("manifest", "c" * 64), ("track", "open"), ("share", 0.5)],
)
def test_rows_of_another_protocol_are_never_mixed(results: Path, field: str, value: Any) -> None:
    edit(results / FAMOL, **{field: value})
    refused(results, str(results / FAMOL), "bm25/0.json", field)


def test_a_system_is_one_thing_for_all_seeds(results: Path) -> None:
    edit(results / "made-up/famol/3.json", labels=["human grades"])
    refused(results, "famol/3.json", "famol/0.json", "learned_from")


def test_what_is_told_of_one_seed_alone_stands_beside_what_all_learned_from(results: Path) -> None:
    told = "no epoch of training was kept: none ranks the dev questions better than the start"
    learned = json.loads((results / FAMOL).read_text())["labels"]
    edit(results / "made-up/famol/3.json", labels=[*learned, told])
    edit(results / "made-up/famol/1.json", labels=[*learned, told])
    (task,) = collect(results)
    (entry,) = (entry for entry in task.entries if entry.record.system == "famol")
    assert entry.labels == [*learned, f"{told} (seed 1, 3)"]


def test_a_record_outside_its_place_is_not_overlooked(results: Path) -> None:
    (results / "stray.json").write_text("{}")
    refused(results, "stray.json", "<task>/<system>/<seed>.json")


def test_no_record_at_all(tmp_path: Path) -> None:
    refused(tmp_path, "there are no records")


def test_a_task_without_a_card_could_hide_that_its_clicks_are_simulated(stored: Path) -> None:
    with pytest.raises(ConfigurationError, match="TaskCard"):
        read_standings(stored, {})


@pytest.mark.parametrize(
    ("column", "row_where", "value", "said"),
    [
        # each a relation between measures that any ranking satisfies, broken at one query
        ("nDCG@1", lambda frame: frame["RR"] < 1, 0.5, "nDCG@1"),
        ("nDCG@10", lambda frame: frame["RR"] == 1, 0.0, "nDCG@10 > 0 must mean RR >= 1/10"),
        ("nDCG@3", lambda frame: frame["RR"] < 0.2, 0.4, "nDCG@3 > 0 must mean RR >= 1/3"),
        ("ERR@10", lambda frame: frame["RR"] == 0.5, 0.6, "ERR@10 must not exceed RR"),
        ("AP", lambda frame: frame["RR"] == 0, 0.3, "AP > 0 must mean RR > 0"),
    ],
)
def test_measures_that_contradict_each_other(
    results: Path, column: str, row_where: Any, value: float, said: str
) -> None:
    frame = pd.read_parquet((results / FAMOL).with_suffix(".scores.parquet"))
    edit_scores(results / FAMOL, column, int(np.argmax(row_where(frame))), value)
    assert any(said in problem for problem in check(results))
    refused(results, str(results / FAMOL))


def test_record_disagrees_with_its_per_query_scores(results: Path) -> None:
    scores = json.loads((results / FAMOL).read_text())["scores"]
    scores["AP"]["low"] += 1e-8
    edit(results / FAMOL, scores=scores)
    refused(results, "scores.AP.low")
    scores["AP"]["low"] -= 1e-8
    del scores["AP"]["seen"]
    edit(results / FAMOL, scores=scores)
    refused(results, "scores.AP.seen is None")
    del scores["AP"]
    edit(results / FAMOL, scores=scores)
    refused(results, "scores.AP is missing")


def test_counts_and_hashes(results: Path) -> None:
    edit(results / FAMOL, queries={"high": 31})
    refused(results, "queries.high is 31, but there are scores of 30")
    edit(results / FAMOL, queries={}, files={"0.scores.parquet": "d" * 64})
    refused(results, "files.0.scores.parquet", "SHA-256 differs")
    edit(results / FAMOL, files={"0.run.gz": "d" * 64})  # not stored, so not checked
    read_standings(results, CARDS)


def test_one_identity_under_two_names(results: Path) -> None:
    identity = json.loads((results / "made-up/bm25/0.json").read_text())["identity"]
    edit(results / FAMOL, identity=identity)
    assert any("has the identity of" in problem and "famol/0.json" in problem for problem in check(results))


def test_check_reports_every_record_not_only_the_first(results: Path) -> None:
    (results / "made-up/bm25/1.json").write_text("{")
    edit(results / FAMOL, task_version="2")
    problems = check(results)
    assert any("bm25/1.json" in problem for problem in problems)
    assert any("task_version" in problem for problem in problems)
    assert all("\n" not in problem for problem in problems)


def test_stored_scores_do_not_move(stored: Path, results: Path) -> None:
    assert moved(stored, results) == []
    scores = json.loads((results / FAMOL).read_text())["scores"]
    scores["RR"]["macro"] -= 0.0009
    edit(results / FAMOL, scores=scores)
    assert moved(stored, results) == []
    scores["RR"]["macro"] -= 0.0002
    edit(results / FAMOL, scores=scores)
    (problem,) = moved(stored, results)
    assert "scores.RR.macro" in problem and "moves" not in problem
    scores["AP"]["low"] += 0.01
    edit(results / FAMOL, scores=scores)
    (problem,) = moved(stored, results)
    assert "scores.AP.low" in problem and "(the largest of 2 moves)" in problem
    del scores["AP"]["low"]
    edit(results / FAMOL, scores=scores)
    (problem,) = moved(stored, results)
    assert "scores.AP.low was" in problem and "is None" in problem
    edit(results / FAMOL, task_version="2")
    assert moved(stored, results) == []
    (results / FAMOL).unlink()
    assert [problem for problem in moved(stored, results) if "is gone" in problem]


def test_seeds_are_numbers_in_order(stored: Path) -> None:
    (task,) = collect(stored)
    assert {entry.record.system: entry.seeds for entry in task.entries}["half-done"] == (0, 1)
    assert all(entry.seeds == (0, 1, 2, 3, 4) for entry in task.entries if entry.record.system != "half-done")
