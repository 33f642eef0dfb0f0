from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import benchmark
from benchmark.errors import DataError
from benchmark.labels.llm.judgments import Judgments, read_judgments, write_judgments
from benchmark.labels.llm.prompts import load_prompt
from benchmark.labels.llm.provenance import Provenance

HALF = float(np.log(0.5))
YES_NO = pd.DataFrame(
    {
        "qid": ["q2", "q1", "q1"],
        "docno": ["7", "9", "7"],
        "log_yes": np.log([0.6, 0.1, 0.45]),
        "log_no": np.log([0.2, 0.9, 0.45]),
    }
)
LIKELIHOOD = pd.DataFrame({"qid": ["q1"], "docno": ["7"], "log_likelihood": [-12.5], "tokens": [4.0]})


def write(path: Path, table: pd.DataFrame, provenance: Provenance) -> Judgments:
    return write_judgments(path, table, provenance, candidates="all pairs", seconds=1.5, created=date(2026, 1, 2))


@pytest.fixture
def written(tmp_path: Path, yes_no: Provenance) -> Path:
    write(tmp_path / "a-b.1.parquet", YES_NO, yes_no)
    return tmp_path / "a-b.1.parquet"


def test_read_is_what_was_written_sorted(written: Path, yes_no: Provenance) -> None:
    read = read_judgments(written)
    assert read.table[["qid", "docno"]].values.tolist() == [["q1", "7"], ["q1", "9"], ["q2", "7"]]
    np.testing.assert_allclose(np.exp(read.table["log_yes"]), [0.45, 0.1, 0.6], rtol=1e-6)
    assert read.metadata.provenance == yes_no
    assert (read.metadata.pairs, read.metadata.seconds, read.metadata.created) == (3, 1.5, date(2026, 1, 2))
    assert read.method == "yes-no"


def test_p_yes_is_the_share_of_yes_and_mass_the_sum(written: Path) -> None:
    read = read_judgments(written)
    np.testing.assert_allclose(read.p_yes, [0.5, 0.1, 0.75], rtol=1e-6)
    np.testing.assert_allclose(read.mass, [0.9, 1.0, 0.8], rtol=1e-6)


def test_p_yes_survives_answers_that_the_model_hardly_gives(tmp_path: Path, yes_no: Provenance) -> None:
    table = YES_NO.assign(log_yes=[-900.0, -1, -900], log_no=[-900.0, -900, -1])
    assert sorted(write(tmp_path / "x.parquet", table, yes_no).p_yes) == [0.0, 0.5, 1.0]


def test_likelihood_columns(tmp_path: Path, likelihood: Provenance) -> None:
    read = write(tmp_path / "x.parquet", LIKELIHOOD, likelihood)
    assert list(read.table.columns) == ["qid", "docno", "log_likelihood", "tokens"]
    assert read.table["tokens"].dtype == np.int32


def test_order_of_the_rows_does_not_change_the_file(tmp_path: Path, yes_no: Provenance) -> None:
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    write(one, YES_NO, yes_no)
    write(other, YES_NO[::-1], yes_no)
    assert one.read_bytes() == other.read_bytes()


def test_metadata_is_in_the_file_and_beside_it(written: Path) -> None:
    beside = json.loads(written.with_name("a-b.1.json").read_text())
    embedded = json.loads(pq.read_schema(written).metadata[b"click-or-llm.judgments"])
    assert beside == embedded
    assert beside["provenance"]["prompt"]["after"].startswith("\n\nQuestion: {question}")


def test_only_ids_and_numbers_are_shipped(written: Path) -> None:
    """A column for text, or an id that holds one, cannot be written: the schema of the file is closed."""
    schema = pq.read_schema(written)
    assert [str(schema.field(name).type) for name in schema.names] == ["string", "string", "float", "float"]
    for name in ("qid", "docno"):
        assert read_judgments(written).table[name].str.fullmatch(r"\S{1,64}").all()


CELLS: list[tuple[dict[str, list[object]], str]] = [
    ({"log_yes": [np.nan, HALF, HALF]}, "a value is missing or not finite"),
    ({"log_no": [-np.inf, HALF, HALF]}, "a value is missing or not finite"),
    ({"log_yes": [0.5, HALF, HALF]}, "a probability above 1"),
    ({"log_yes": [-0.01, HALF, HALF], "log_no": [HALF] * 3}, "a probability above 1"),
    ({"qid": ["q1", "q1", "q1"], "docno": ["7", "9", "7"]}, "pair q1 7 is judged twice"),
    ({"qid": ["What is a deductible?", "q1", "q2"]}, "a qid is empty or no plain id"),
    ({"docno": ["", "1", "2"]}, "a docno is empty or no plain id"),
    ({"docno": [None, "1", "2"]}, "a docno is empty or no plain id"),
]


@pytest.mark.parametrize(("columns", "reason"), CELLS)
def test_bad_rows_are_not_written(
    tmp_path: Path, yes_no: Provenance, columns: dict[str, list[object]], reason: str
) -> None:
    with pytest.raises(DataError, match=f"{reason}; nothing was written$"):
        write(tmp_path / "x.parquet", YES_NO.assign(**columns), yes_no)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("tokens", "reason"), [(0.0, "no tokens"), (3.5, "nothing was written"), (np.nan, "nothing")])
def test_bad_token_counts_are_not_written(tmp_path: Path, likelihood: Provenance, tokens: float, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        write(tmp_path / "x.parquet", LIKELIHOOD.assign(tokens=tokens), likelihood)


def forge(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Rewrite the rows and keep the metadata, as a careless script would."""
    table = pq.read_table(path)
    pq.write_table(change(table).replace_schema_metadata(table.schema.metadata), path)


def drop_column(table: pa.Table) -> pa.Table:
    return table.drop_columns(["log_no"])


def add_text(table: pa.Table) -> pa.Table:
    return table.append_column("text", pa.array(["a", "b", "c"]))


def shift(table: pa.Table) -> pa.Table:
    return table.set_column(2, "log_yes", pa.array([-3.0, -3.0, -3.0], pa.float32()))


def blank(table: pa.Table) -> pa.Table:
    return table.set_column(2, "log_yes", pa.array([None, -3.0, -3.0], pa.float32()))


FORGERIES: list[tuple[Callable[[pa.Table], pa.Table], str]] = [
    (drop_column, "has columns qid, docno, log_yes, yes-no needs"),
    (add_text, "has columns qid, docno, log_yes, log_no, text, yes-no needs"),
    (lambda table: table.slice(0, 2), "has 2 pairs, its metadata says 3"),
    (lambda table: pa.concat_tables([table, table.slice(0, 1)]), "pair q1 7 is judged twice"),
    (shift, "its rows are not those"),
    (blank, "a value is missing or not finite"),
    (lambda table: table.take([1, 0, 2]), "its rows are not those"),
]


@pytest.mark.parametrize(("change", "reason"), FORGERIES)
def test_changed_rows_are_refused(written: Path, change: Callable[[pa.Table], pa.Table], reason: str) -> None:
    forge(written, change)
    with pytest.raises(DataError, match=f"{reason}.*; restore the published file$") as caught:
        read_judgments(written)
    assert "\n" not in str(caught.value)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[20] ^= 0xFF
    path.write_bytes(bytes(raw))


def other_model(path: Path) -> None:
    beside = path.with_suffix(".json")
    beside.write_text(beside.read_text().replace('"fake"', '"better"'))


def other_prompt(path: Path) -> None:
    beside = path.with_suffix(".json")
    beside.write_text(beside.read_text().replace("Passage", "Answer"))


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (truncate, r"a-b\.1\.parquet: cannot be read"),
    (flip, r"a-b\.1\.parquet: (cannot be read|its rows are not)"),
    (lambda path: path.write_bytes(b""), r"a-b\.1\.parquet: cannot be read"),
    (lambda path: path.unlink(), r"a-b\.1\.parquet: is missing"),
    (lambda path: path.with_suffix(".json").unlink(), r"a-b\.1\.json: is missing"),
    (lambda path: path.with_suffix(".json").write_text("{"), r"a-b\.1\.json: Invalid JSON"),
    (other_model, "its metadata is not that of the side-car"),
    (other_prompt, "provenance: the text of prompt yes-no-v1 has sha256"),
]


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_damaged_files_are_one_line(written: Path, damage: Callable[[Path], object], reason: str) -> None:
    damage(written)
    with pytest.raises(DataError, match=f"{reason}.*; restore the published file$") as caught:
        read_judgments(written)
    assert "\n" not in str(caught.value)


def test_another_ending_is_refused(tmp_path: Path, yes_no: Provenance) -> None:
    with pytest.raises(DataError, match=r"end the name with \.parquet$"):
        write(tmp_path / "x.csv", YES_NO, yes_no)


def test_all_shipped_judgments_are_whole_and_by_published_prompts() -> None:
    """Reading checks the hash of the rows and that there is nothing but ids and numbers."""
    for path in sorted((Path(benchmark.__file__).parent / "tasks").glob("*/judgments/*.parquet")):
        prompt = read_judgments(path).metadata.provenance.prompt
        assert prompt == load_prompt(prompt.name), path
