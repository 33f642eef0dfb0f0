"""A judgments file: what is written comes back, what is wrong is not written, what is damaged is not read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made import write

import benchmark
from benchmark.errors import DataError
from benchmark.labels.llm.judgments import read_judgments
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.judgments.places import places
from benchmark.labels.llm.judgments.rows import SCHEMA
from benchmark.labels.llm.prompts import load_prompt

YES = [
    Judgment("q2", "7", "ok", 0.75, log_probabilities=(math.log(0.6), math.log(0.2))),
    Judgment("q1", "9", "refused"),
    Judgment("q1", "7", "ok", 0.5, log_probabilities=(math.log(0.45), math.log(0.45))),
]
GRADE = Judgment("q1", "7", "ok", 2, log_probabilities=(-3.0, -2.0, -0.5), position=4, order=1)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write(tmp_path / "a-b.1.parquet", YES, "yes-no")
    return tmp_path / "a-b.1.parquet"


def test_read_is_what_was_written_sorted(written: Path) -> None:
    read = read_judgments(written)
    assert read.table[["qid", "docno"]].values.tolist() == [["q1", "7"], ["q1", "9"], ["q2", "7"]]
    np.testing.assert_allclose(read.table["value"], [0.5, np.nan, 0.75], rtol=1e-6)
    assert read.ok.tolist() == [True, False, True]
    expected = [[math.log(0.45)] * 2, [np.nan] * 2, [math.log(0.6), math.log(0.2)]]
    np.testing.assert_allclose(read.log_probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(read.mass, [0.9, np.nan, 0.8], atol=1e-5)
    told = read.metadata
    assert (told.rows, told.lists, told.seconds, told.created) == (3, 2, 1.5, date(2026, 1, 2))
    assert told.statuses == {"ok": 2, "refused": 1}
    assert told.settings == {"seed": 3}


def test_orders_positions_and_other_documents_are_kept(tmp_path: Path) -> None:
    read = write(tmp_path / "x.parquet", [GRADE, replace(GRADE, order=0, position=2, value=1)], "grade")
    assert read.table[["position", "order", "value"]].values.tolist() == [[2, 0, 1], [4, 1, 2]]
    pair = write(tmp_path / "y.parquet", [Judgment("q", "a", "ok", 0.5, other="b")], "preference")
    assert pair.table["other"].tolist() == ["b"]
    assert pair.log_probabilities.shape == (1, 0)


def test_order_of_the_rows_does_not_change_the_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    write(one, YES, "yes-no")
    write(other, YES[::-1], "yes-no")
    assert one.read_bytes() == other.read_bytes()


def test_metadata_is_in_the_file_and_beside_it(written: Path) -> None:
    beside = json.loads(written.with_name("a-b.1.json").read_text())
    assert beside == json.loads(pq.read_schema(written).metadata[b"click-or-llm.judgments"])
    assert beside["prompts"]["fake-v1"]["language"] == "en"


def test_only_ids_and_numbers_are_shipped() -> None:
    """Of the columns of text three hold plain ids, and one a word out of five."""
    assert [field.name for field in SCHEMA if field.type == pa.string()] == ["qid", "docno", "other", "status"]


BAD: list[tuple[list[Judgment], Scale, str]] = [
    ([replace(YES[0], value=math.nan)], "yes-no", "a value is missing"),
    ([replace(YES[1], value=0.5)], "yes-no", "stands where the status is not ok"),
    ([replace(YES[0], value=1.5)], "yes-no", "value 1.5 is not on the scale yes-no"),
    ([replace(GRADE, value=1.5)], "grade", "value 1.5 is not on the scale grade"),
    ([replace(GRADE, value=0, log_probabilities=())], "rank", "value 0 is not on the scale rank"),
    ([replace(GRADE, value=2, log_probabilities=())], "selection", "value 2 is not on the scale selection"),
    ([replace(GRADE, value=3, log_probabilities=())], "likelihood", "value 3 is not on the scale likelihood"),
    ([replace(YES[0], log_probabilities=(0.5, -1.0))], "yes-no", "a probability above 1"),
    ([replace(YES[0], log_probabilities=(-0.01, -0.7))], "yes-no", "a probability above 1"),
    ([replace(YES[0], log_probabilities=(-math.inf, -0.7))], "yes-no", "a log-probability is not finite"),
    ([Judgment("q", "a", "ok", -9.0, log_probabilities=(-9.0, 0.0))], "likelihood", "the number of tokens"),
    ([YES[0], YES[0]], "yes-no", "q2 7 is judged twice in order 0"),
    ([replace(YES[0], other="8")], "yes-no", "preferences, and only they, are about two documents"),
    ([Judgment("q", "a", "ok", 1.0)], "preference", "preferences, and only they, are about two documents"),
    ([replace(YES[0], qid="What is a deductible?")], "yes-no", "qid 'What is a deductible.' is no plain id"),
    ([replace(YES[0], docno="")], "yes-no", "docno '' is no plain id"),
    ([replace(YES[0], other="a long text")], "preference", "other 'a long text' is no plain id"),
    ([replace(YES[1], status="I cannot say")], "yes-no", "a status is none of ok, refused"),  # type: ignore[arg-type]
    ([replace(YES[0], position=0)], "yes-no", "a position is below 1"),
    ([], "yes-no", "lists: Input should be greater than or equal to 1"),
]


@pytest.mark.parametrize(("rows", "scale", "reason"), BAD)
def test_bad_rows_are_not_written(tmp_path: Path, rows: list[Judgment], scale: Scale, reason: str) -> None:
    with pytest.raises(DataError, match=f"{reason}.*; nothing was written$") as caught:
        write(tmp_path / "x.parquet", rows, scale)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_ids_of_large_collections_are_plain(tmp_path: Path) -> None:
    docno = "msmarco_v2.1_doc_16_287012450#4_490828734"
    write(tmp_path / "x.parquet", [replace(YES[0], docno=docno)], "yes-no")
    assert read_judgments(tmp_path / "x.parquet").table["docno"].tolist() == [docno]


@pytest.mark.parametrize(
    ("qids", "lists", "wrong"),
    [(["q", "q"], [["a", "b"], ["c", "d"]], "q: has two lists"), (["q"], [["a", "a"]], "q: has a twice in its list")],
)
def test_a_question_with_two_lists_has_no_places(qids: list[str], lists: list[list[str]], wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}$"):
        places(["q"], ["a"], qids, lists)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"end the name with \.parquet$"):
        write(tmp_path / "x.csv", YES, "yes-no")


def forge(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Rewrite the rows and keep the metadata, as a careless script would."""
    table = pq.read_table(path)
    pq.write_table(change(table).replace_schema_metadata(table.schema.metadata), path)


def other_value(table: pa.Table) -> pa.Table:
    values = pa.array([0.5, None, 0.125], pa.float32())
    return table.set_column(SCHEMA.get_field_index("value"), SCHEMA.field("value"), values)


FORGERIES: list[tuple[Callable[[pa.Table], pa.Table], str]] = [
    (lambda table: table.drop_columns(["order"]), "has columns qid string, .* needs qid string"),
    (lambda table: table.append_column("text", pa.array(["a", "b", "c"])), "has columns .*text string; needs"),
    (lambda table: table.slice(0, 2), "has 2 rows, its metadata says 3"),
    (lambda table: pa.concat_tables([table, table.slice(0, 1)]), "q1 7 is judged twice"),
    (other_value, "its rows are not those"),
    (lambda table: table.take([1, 0, 2]), "its rows are not those"),
]


@pytest.mark.parametrize(("change", "reason"), FORGERIES)
def test_changed_rows_are_refused(written: Path, change: Callable[[pa.Table], pa.Table], reason: str) -> None:
    forge(written, change)
    with pytest.raises(
        DataError,
        match=f"{reason}.*; restore it, or move it away and make it again: of stored replies nothing is asked twice$",
    ) as caught:
        read_judgments(written)
    assert "\n" not in str(caught.value)


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[20] ^= 0xFF
    path.write_bytes(bytes(raw))


def other_model(path: Path) -> None:
    beside = path.with_suffix(".json")
    beside.write_text(beside.read_text().replace('"fake"', '"better"'))


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: path.write_bytes(path.read_bytes()[:-40]), r"a-b\.1\.parquet: cannot be read"),
    (flip, r"a-b\.1\.parquet: (cannot be read|its rows are not)"),
    (lambda path: path.write_bytes(b""), r"a-b\.1\.parquet: cannot be read"),
    (lambda path: path.with_suffix(".json").write_text("{"), r"a-b\.1\.json: Invalid JSON"),
    (other_model, "its metadata is not that of the side-car"),
]


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_damaged_files_are_one_line(written: Path, damage: Callable[[Path], object], reason: str) -> None:
    damage(written)
    with pytest.raises(
        DataError,
        match=f"{reason}.*; restore it, or move it away and make it again: of stored replies nothing is asked twice$",
    ) as caught:
        read_judgments(written)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_is_one_line(written: Path) -> None:
    with pytest.raises(DataError, match=r"none\.parquet: there is no such file; check the path$"):
        read_judgments(written.with_name("none.parquet"))
    with pytest.raises(DataError, match=r"is a folder; name a judgments file$"):
        read_judgments(written.parent)
    written.with_suffix(".json").unlink()
    with pytest.raises(
        DataError, match=r"a-b\.1\.json: cannot be read; it belongs beside a-b\.1\.parquet, bring it there$"
    ):
        read_judgments(written)


SHIPPED = sorted((Path(benchmark.__file__).parent / "tasks").glob("*/judgments/*.parquet"))


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_all_shipped_judgments_are_whole_and_by_published_prompts(path: Path) -> None:
    """Reading checks the hash of the rows and that there is nothing but ids and numbers."""
    for name, prompt in read_judgments(path).metadata.prompts.items():
        assert load_prompt(name).sha256 == prompt.sha256
