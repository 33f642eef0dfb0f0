"""What is wrong with a log is one line: the file, the row, the query, what to do; or it is skipped and counted."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import CommandLine

from benchmark.errors import DataError
from benchmark.labels.clicks.store import together
from benchmark.labels.clicks.store.hashes import hashed, repeated
from benchmark.labels.clicks.store.ingest import import_log
from benchmark.labels.clicks.store.reader import LogStore
from benchmark.labels.clicks.store.sources import lines as lines_of

GOOD = {"qid": "q0", "docnos": ["a", "b"], "clicked": [1, 0]}
LONG = "impression,qid,docno,rank,clicked\n"
LAST = "impression,qid,clicked,rank,docno\n"
FIRST = "1,q0,a,1,0\n1,q0,b,2,1\n"


def jsonl(*rows: dict | str, good: dict = GOOD) -> bytes:
    text = [row if isinstance(row, str) else json.dumps(row) for row in (good, *rows, good)]
    return ("\n".join(text) + "\n").encode()


def csv(rows: str, header: str = LONG, first: str = FIRST, last: str = "9,q9,z,1,0\n") -> bytes:
    return (header + first + rows + last).encode()


MORE = "8,q8,y,1,0\n9,q9,z,1,0\n"
"""Behind a broken line: the impression next to it is refused too."""


def parquet(columns: dict, *names: str) -> bytes:
    stream = io.BytesIO()
    table = pa.table(columns)
    pq.write_table(pa.table([table[name] for name in names], names=list(names)) if names else table, stream)
    return stream.getvalue()


def other(**fields: object) -> dict:
    return GOOD | {"qid": "q1"} | fields


CLICKS = {"qid": "q0", "docnos": ["a", "b"], "clicks": ["b"]}
RANKS = {"qid": "q0", "docnos": ["a", "b"], "click_ranks": [2]}
NESTED = "qid,docnos,clicked\n"
NESTED_TIME = "qid,docnos,clicked,time\n"

# file, its bytes, where, what is told, the reason that is counted
BAD_ROWS = {
    "click outside the page": (
        "x.jsonl", jsonl({**CLICKS, "qid": "q1", "clicks": ["a", "z"]}, good=CLICKS),
        "line 2: query q1: click on z, not on the page", "click outside the list",
    ),
    "click rank below the page": (
        "x.jsonl", jsonl({**RANKS, "qid": "q1", "click_ranks": [3]}, good=RANKS),
        "line 2: query q1: click on 3", "click outside the list",
    ),
    "rank gap": ("x.csv", csv("2,q1,a,1,0\n2,q1,b,3,0\n"), "line 5: query q1: rank 2 is missing", "rank gap"),
    "rank twice": ("x.csv", csv("2,q1,a,1,0\n2,q1,b,1,0\n"), "line 5: query q1: rank 1 stands twice", "rank gap"),
    "ranks from 2": ("x.csv", csv("2,q1,a,2,0\n"), "line 4: query q1: the first rank is 2", "ranks not from 1"),
    "negative rank": ("x.csv", csv("2,q1,a,-1,0\n"), "line 4: query q1: rank is -1", "bad rank"),
    "rank in words": ("x.csv", csv("2,q1,a,first,0\n"), "line 4: query q1: rank is first", "bad rank"),
    "a rank with an underscore": ("x.csv", csv("2,q1,a,1_0,0\n"), "line 4: query q1: rank is 1_0", "bad rank"),
    "half a rank": ("x.csv", csv("2,q1,a,1.5,0\n"), "line 4: query q1: rank is 1.5", "bad rank"),
    "duplicate document": (
        "x.jsonl", jsonl(other(docnos=["a", "a"])), "line 2: query q1: document a is shown twice", "duplicate document",
    ),
    "duplicate document, long": (
        "x.csv", csv("2,q1,c,1,0\n2,q1,c,2,0\n"), "line 5: query q1: document c is shown twice", "duplicate document",
    ),
    "missing qid": ("x.jsonl", jsonl(other(qid=None)), "line 2: qid is missing", "missing qid"),
    "qid NaN": ("x.csv", csv("2,nan,a,1,0\n"), "line 4: qid is missing", "missing qid"),
    "missing docno": (
        "x.jsonl", jsonl(other(docnos=["a", None])), "line 2: query q1: docno at rank 2 is missing", "missing docno",
    ),
    "empty docno": ("x.csv", csv("2,q1,,1,0\n"), "line 4: query q1: docno at rank 1 is missing", "missing docno"),
    "missing impression": (
        "x.csv", csv(",q1,a,1,0\n"), "line 4: query q1: impression is missing", "missing impression",
    ),
    "two queries": (
        "x.csv", csv("2,q1,a,1,0\n2,q2,b,2,0\n"), "line 5: query q1: the impression also has query q2", "two queries",
    ),
    "empty page": ("x.jsonl", jsonl(other(docnos=[], clicked=[])), "line 2: query q1: no document", "empty page"),
    "clicked 2": ("x.csv", csv("2,q1,a,1,2\n"), "line 4: query q1: clicked is '2'", "clicked not 0 or 1"),
    "clicked -1": ("x.jsonl", jsonl(other(clicked=[0, -1])), "line 2: query q1: clicked is -1", "clicked not 0 or 1"),
    "clicked missing": ("x.csv", csv("2,q1,a,1,\n"), "line 4: query q1: clicked is ''", "clicked not 0 or 1"),
    "clicked null": (
        "x.jsonl", jsonl(other(clicked=[0, None])), "line 2: query q1: clicked is missing", "clicked not 0 or 1",
    ),
    "lengths differ": (
        "x.jsonl", jsonl(other(clicked=[1])), "line 2: query q1: clicked has 1 values for 2 documents",
        "list lengths differ",
    ),
    "lengths differ, CSV": (
        "x.csv", csv("q1,a b c,0 1\n", NESTED, "q0,a b,1 0\n", "q9,z,0\n"),
        "line 3: query q1: clicked has 2 values for 3 documents", "list lengths differ",
    ),
    "dwell too short a list": (
        "x.jsonl", jsonl(other(dwell=[1.0]), good=GOOD | {"dwell": [None, 2.5]}),
        "line 2: query q1: dwell has 1 values for 2 documents", "list lengths differ",
    ),
    "negative dwell": (
        "x.jsonl", jsonl(other(dwell=[1.0, -2.0]), good=GOOD | {"dwell": [None, 2.5]}),
        "line 2: query q1: dwell is -2.0", "bad dwell",
    ),
    "bad time": (
        "x.jsonl", jsonl(other(time="yesterday"), good=GOOD | {"time": "2024-01-01T00:00:00"}),
        "line 2: query q1: time is 'yesterday'", "bad time",
    ),
    "after 2099": (
        "x.jsonl", jsonl(other(time=4102444800001), good=GOOD | {"time": 0}),
        "line 2: query q1: time is 4102444800001.0", "bad time",
    ),
    "before 1970": (
        "x.jsonl", jsonl(other(time=-5), good=GOOD | {"time": 0}), "line 2: query q1: time is -5", "bad time",
    ),
    "no time at all": (
        "x.csv", csv("q1,a,1,12345678901234567890123\n", NESTED_TIME, "q0,a,1,2024-01-02\n", "q9,z,0,\n"),
        "line 3: query q1: time is '12345678901234567890123'", "bad time",
    ),
    "no time at all, number": (
        "x.jsonl", jsonl(other(time=-1e30), good=GOOD | {"time": 0}), "line 2: query q1: time is -1e+30", "bad time",
    ),
    "mixed types": (
        "x.jsonl", jsonl(other(qid=7)), "line 2: column qid holds 7 among values of type text", "mixed types",
    ),
    "mixed types in a list": (
        "x.jsonl", jsonl(other(docnos=["a", 7])), "line 2: column docnos holds 7 among values of type text",
        "mixed types",
    ),
    "one value for a list": (
        "x.jsonl", jsonl(other(docnos="a")), "line 2: column docnos is no list, unlike in lines before", "mixed types",
    ),
    "an id of 64 bits without a sign": (
        "x.jsonl", jsonl(other(docnos=[1, 2**63]), good=GOOD | {"docnos": [1, 2**63 - 1]}),
        "line 2: column docnos holds 9223372036854775808, more than 64 bits hold", "too large",
    ),
    "broken JSON": ("x.jsonl", jsonl('{"qid": "q1", "docnos"'), "line 2: is not a JSON object", "broken line"),
    "a field too many": ("x.csv", csv("2,q1,a,1,0,7\n", last=MORE), "line 4: has 6 fields, the header", "broken line"),
    "a carriage return": ("x.csv", csv("2,q1,a\r,1,0\n", last=MORE), "line 4: holds a carriage return", "broken line"),
    "an open quote": ("x.csv", csv('2,"q1,a,1,0\n', last=MORE), "line 4: a quoted field does not end", "broken line"),
    "an open quote in the last field": (
        "x.csv", csv('2,q1,0,1,"a\n', LAST, "1,q0,0,1,a\n", "8,q8,1,1,y\n9,q9,0,1,z\n"),
        "line 3: a quoted field does not end", "broken line",
    ),
    "not UTF-8": ("x.jsonl", jsonl().replace(b"\n", b'\n{"qid": "\xff"}\n', 1), "line 2: is not UTF-8", "not UTF-8"),
    "not UTF-8, CSV": (
        "x.csv", csv("2,q\xff,a,1,0\n", last=MORE).replace(b"\xc3\xbf", b"\xff"), "line 4: is not UTF-8", "not UTF-8",
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", BAD_ROWS)
@pytest.mark.parametrize("piece", [1 << 25, 16])
def test_a_bad_row_stops_the_import_or_is_skipped_and_counted(
    tmp_path: Path, monkeypatch, case: str, piece: int
) -> None:
    monkeypatch.setattr(lines_of, "PIECE", piece)
    name, content, told, reason = BAD_ROWS[case]
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "store"
    with pytest.raises(DataError) as refused:
        import_log([tmp_path / name], out)
    line = str(refused.value)
    assert f"{name}: {told}" in line and line.endswith("--skip-bad") and "\n" not in line
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]

    manifest = import_log([tmp_path / name], out, skip_bad=True)
    assert manifest.skipped[reason] == 1
    assert set(manifest.skipped) <= {reason, "beside a broken line"}
    qids = LogStore.open(out).qids.to_pylist()
    assert "q1" not in qids
    assert qids[-1] == ("q9" if name.endswith("csv") else "q0")


UNREADABLE = {
    "empty": ("x.csv", b"", "x.csv: is empty"),
    "empty gzip": ("x.csv.gz", gzip.compress(b""), "x.csv.gz: is empty"),
    "only a header": ("x.csv", LONG.encode(), "x.csv: has no rows"),
    "missing column": ("x.csv", b"impression,qid,docno,rank\n1,q,a,1\n", "x.csv: has no column clicked"),
    "near column": ("x.csv", csv("").replace(b"qid", b"q_id"), "has no column qid (rename q_id?)"),
    "no layout": ("x.csv", b"a,b\n1,2\n", "has no column docno or docnos, it has a, b; columns"),
    "both layouts": ("x.csv", b"qid,docno,docnos\n1,2,3\n", "has both docno and docnos"),
    "no clicks": ("x.csv", b"qid,docnos\n1,2\n", "does not say what was clicked, give one of clicked, clicks"),
    "two kinds of clicks": ("x.csv", b"qid,docnos,clicks,clicked\n1,2,2,1\n", "has clicked and clicks, give one of"),
    "column twice": ("x.csv", b"qid,qid\n1,2\n", "line 1: column qid stands twice; rename one"),
    "column twice, Parquet": ("x.parquet", parquet({"qid": ["q"]}, "qid", "qid"), "x.parquet: column qid stands twice"),
    "no column": ("x.parquet", parquet({}), "x.parquet: has no column docno or docnos, it has none"),
    "lines end in CR": ("x.csv", csv("").replace(b"\n", b"\r"), "line 1: holds a carriage return (CR) that does not"),
    "lines end in CR, JSON": ("x.jsonl", jsonl().replace(b"\n", b"\r"), "write one object a line, ended by LF"),
    "a header without end": ("x.csv", b"q" * 140_000 + b",qid\n", "line 1: the header cannot be read (field larger"),
    "no header": ("x.csv", b"1,q0,a,1,1\n", "line 1: column 1 stands twice; rename one, or is there a header?"),
    "header not UTF-8": ("x.csv", b"qid,\xff\n", "line 1: the header is not UTF-8"),
    "not JSON at all": ("x.jsonl", b"hello\n", "has no JSON object in its first lines"),
    "not Parquet": ("x.parquet", b"PAR1hello", "is not a whole Parquet file"),
    "cut gzip": ("x.csv.gz", gzip.compress(csv(FIRST * 9999))[:-20], "is not a whole gzip file"),
    "no gzip": ("x.csv.gz", csv(""), "is not a whole gzip file"),
    "unknown format": ("x.xlsx", b"x", "format is not known by the name; use .parquet, .csv"),
    "ranks as clicks": ("x.jsonl", jsonl(good=CLICKS | {"clicks": [1]}), "ranks go into a column click_ranks"),
    "floating qid": ("x.jsonl", jsonl(good=GOOD | {"qid": 1.5}), "column qid is double, it must hold text or whole"),
    "one docno": ("x.jsonl", jsonl(good=GOOD | {"docnos": "a"}), "column docnos is string, each row must hold a list"),
    "clicked in words": ("x.jsonl", jsonl(good=GOOD | {"clicked": ["y", "n"]}), "must hold 0/1 or booleans"),
    "all bad": ("x.csv", (LONG + "1,q,a,2,0\n").encode(), "no impression is left to store (1 ranks not from 1)"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_read_is_an_error_even_with_skip_bad(tmp_path, cli: CommandLine, case: str) -> None:
    name, content, told = UNREADABLE[case]
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "store"
    ended = cli("log", "import", tmp_path / name, "--out", out, "--skip-bad")
    assert ended.code == 2
    assert len(ended.errors) == 1 and ended.err.startswith("error: ") and told in ended.err, ended.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


OF_THE_FILE = {
    "click ranks from 0": (
        "x.jsonl", jsonl({**RANKS, "qid": "q1", "click_ranks": [1, 0]}, good=RANKS),
        "line 2: query q1: click on rank 0; ranks count from 1: add 1 to all",
    ),
    "click ranks from 0, text": (
        "x.csv", b"qid,docnos,click_ranks\nq0,a b,9\nq1,a b,0.0\n", "line 3: query q1: click on rank 0; ranks",
    ),
    "ranks from 0": (
        "x.csv", csv("2,q1,b,1,0\n2,q1,a,0,0\n"), "line 5: query q1: rank is 0; ranks count from 1: add 1 to all",
    ),
    "ranks from 0 in the whole file": (
        "x.csv", csv("", first="1,q0,a,0,0\n1,q0,b,1,1\n", last="2,q1,a,0,0\n"), "line 2: query q0: rank is 0; ranks",
    ),
    "seconds": (
        "x.jsonl", jsonl(other(time=1704164645), good=GOOD | {"time": 0}),
        "line 2: query q1: time is 1704164645, which looks like seconds; times are milliseconds",
    ),
    "seconds and parts of them": (
        "x.jsonl", jsonl(good=GOOD | {"time": 1704164645.25}), "line 1: query q0: time is 1704164645.25, which looks",
    ),
    "seconds as text": (
        "x.csv", b"qid,docnos,clicked,time\nq0,a,1,\nq0,a,1,0\nq0,a,1,2024-01-02\nq0,a,1,1704164645.5\n",
        "line 5: query q0: time is '1704164645.5', which looks like seconds",
    ),
}  # fmt: skip


TIMED = "qid,docnos,clicked,time\n"
OF_THE_FILE |= {
    f"{kind}, {digits}": (
        name, text.replace("0000", digits).encode(),
        f"line {line}: query q0: time is {shown}, which looks like {like}; "
        "write ISO 8601 (2023-11-14T12:00:00) or milliseconds since 1970",
    )
    for digits, like in (
        ("20231114", "yyyymmdd"), ("202311141200", "yyyymmddHHMM"), ("20231114120000", "yyyymmddHHMMSS"),
    )
    for kind, name, text, line, shown in (
        ("text", "x.csv", TIMED + "q0,a,1,2024-01-02\nq0,a,1, 0000\n", 3, f"' {digits}'"),
        ("digits", "x.csv", TIMED + "q0,a,1,0000.0\n", 2, f"'{digits}.0'"),
        ("number", "x.jsonl", json.dumps(GOOD | {"time": 0}).replace(' 0}', ' 0000}'), 1, digits),
    )
}  # fmt: skip


@pytest.mark.parametrize("case", OF_THE_FILE)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_what_tells_of_the_whole_file_is_an_error_even_with_skip_bad(tmp_path: Path, case: str, skip_bad: bool) -> None:
    """The other rows would be read wrongly too, and nobody would know."""
    name, content, told = OF_THE_FILE[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as refused:
        import_log([tmp_path / name], tmp_path / "store", skip_bad=skip_bad)
    line = str(refused.value)
    assert f"{name}: {told}" in line and "--skip-bad" not in line and "\n" not in line
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("kind", [pa.int32(), pa.uint32(), pa.int64(), pa.float32(), pa.float64()])
def test_seconds_are_told_in_any_type_of_number(tmp_path: Path, kind: pa.DataType) -> None:
    rows = {"qid": ["q0"], "docnos": [["a"]], "clicked": [[1]], "time": pa.array([1704164608.0]).cast(kind)}
    pq.write_table(pa.table(rows), tmp_path / "x.parquet")
    with pytest.raises(DataError, match="row 1: query q0: time is 1704164608, which looks like seconds"):
        import_log([tmp_path / "x.parquet"], tmp_path / "store", skip_bad=True)


@pytest.mark.parametrize("time", ["1704164608", "20231114"])
def test_times_that_are_kept_as_categories_are_read_as_texts(tmp_path: Path, time: str) -> None:
    """As pandas writes a column of categories; 1,704,164,608 ms would be January 1970."""
    rows = {"qid": ["q0"], "docnos": [["a"]], "clicked": [[1]], "time": pa.array([time]).dictionary_encode()}
    pq.write_table(pa.table(rows), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=f"row 1: query q0: time is '{time}', which looks like"):
        import_log([tmp_path / "x.parquet"], tmp_path / "store", skip_bad=True)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_quote_that_is_open_where_a_file_ends_is_an_error(tmp_path: Path, end: str) -> None:
    """The file was cut: the document would be another one, and with a line break in its name."""
    header, first = "impression,qid,clicked,rank,docno\n", "1,q0,0,1,a\n"
    (tmp_path / "x.csv").write_bytes(f'{header}{first}2,q1,0,1,"a{end}'.encode())
    with pytest.raises(DataError, match="line 3: a quoted field does not end on the line"):
        import_log([tmp_path / "x.csv"], tmp_path / "store")
    (tmp_path / "x.csv").write_bytes(f'{header}{first}2,q1,0,1,"a"{end}'.encode())
    assert import_log([tmp_path / "x.csv"], tmp_path / "store").pairs == 2


@pytest.mark.parametrize(
    "time",
    [
        0,
        10**11,
        1704164645000,
        "1970-01-20",
        "1704164645000",
        None,
        202399141200,
        "203014141200",
        4102444800000,
        "2099-12-31T23:59:59",
    ],
)
def test_times_that_do_not_look_like_seconds_are_read(tmp_path: Path, time: object) -> None:
    (tmp_path / "x.jsonl").write_bytes(jsonl(good=GOOD | {"time": time}))
    assert import_log([tmp_path / "x.jsonl"], tmp_path / "store").impressions == 2


LATE = {
    "nested": (CLICKS, {"dwell": [1.5, None]}, "dwell"),
    "two columns": (RANKS, {"time": 1704164645000, "session": "s"}, "session"),
    "an empty list": (RANKS, {"vertical": []}, "vertical"),
    "another kind of clicks": (RANKS, {"clicked": [0, 1]}, "clicked"),
    "long": ({"impression": "1", "qid": "q0", "docno": "a", "rank": 1, "clicked": 0}, {"time": "2024-01-02"}, "time"),
}


@pytest.mark.parametrize("case", LATE)
@pytest.mark.parametrize("piece", [1 << 25, 20_000])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_column_that_comes_late_is_an_error(tmp_path: Path, monkeypatch, case: str, piece: int, skip_bad) -> None:
    """The values would be lost and nobody would know."""
    monkeypatch.setattr(lines_of, "PIECE", piece)
    row, late, name = LATE[case]
    rows = [row | ({"impression": str(i)} if "impression" in row else {}) for i in range(1200)]
    rows[1100] |= {name: None, "comment": "is not read"}
    rows[1150] |= late
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(DataError) as refused:
        import_log([tmp_path / "x.jsonl"], tmp_path / "store", skip_bad=skip_bad)
    told = f"x.jsonl: line 1151: column {name} first appears here; write it, as null, in the first line"
    assert str(refused.value).endswith(told)
    del rows[1150]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert import_log([tmp_path / "x.jsonl"], tmp_path / "store").impressions == 1199


SCATTERED = {
    "two interleaved": (
        csv("2,q1,a,1,0\n3,q2,a,1,0\n2,q1,b,2,1\n3,q2,b,2,0\n"), "line 6: impression 2 also stands at line 4"
    ),
    "sorted by rank": (
        csv("1,q0,b,2,1\n", first="1,q0,a,1,0\n2,q1,a,1,0\n"), "line 4: impression 1 also stands at line 2"
    ),
    "the lower ranks first": (
        csv("2,q1,b,2,1\n2,q1,c,3,0\n3,q2,a,1,0\n2,q1,a,1,0\n"), "line 7: impression 2 also stands at line 4"
    ),
    "the lower ranks beside a broken line": (
        csv("2,q1,a,1,0\n3,q2,a,1,0\n2,q1,b,2,1\n2,q1,c\n"), "line 6: impression 2 also stands at line 4"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SCATTERED)
@pytest.mark.parametrize("piece", [1 << 25, 16])
def test_rows_of_an_impression_that_stand_apart_are_an_error_even_with_skip_bad(
    tmp_path: Path, monkeypatch, case: str, piece: int
) -> None:
    """Its upper ranks would be kept as if they were the whole page."""
    monkeypatch.setattr(lines_of, "PIECE", piece)
    content, told = SCATTERED[case]
    (tmp_path / "x.csv").write_bytes(content)
    for skip_bad in (True, False) if piece > 16 else (True,):
        with pytest.raises(DataError) as refused:
            import_log([tmp_path / "x.csv"], tmp_path / "store", skip_bad=skip_bad)
        assert f"x.csv: {told}; " in str(refused.value)
        assert str(refused.value).endswith("sort the file by impression and rank")
        assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("skip_bad", [False, True])
def test_an_impression_that_two_files_share_is_an_error_even_with_skip_bad(tmp_path: Path, skip_bad: bool) -> None:
    (tmp_path / "a.csv").write_bytes(csv("", last="7,q7,a,1,0\n"))
    (tmp_path / "b.csv").write_bytes(csv("", first="7,q7,b,2,1\n"))
    with pytest.raises(DataError, match=r"b\.csv: line 2: impression 7 also stands at .*a\.csv, line 4; .* one file"):
        import_log([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "store", skip_bad=skip_bad)


def test_numbers_of_impressions_that_begin_again_in_the_next_file_are_other_impressions(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(csv(f"2,q1,{name},1,0\n"))
    assert import_log([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "store").impressions == 6


REPEATED = {
    "whole": ("2,q1,a,1,0\n1,q0,a,1,0\n1,q0,b,2,1\n", "line 5: impression 1 also stands at line 2"),
    "the last": ("2,q1,a,1,0\n9,q9,z,1,0\n3,q,a,1,0\n", "line 7: impression 9 also stands at line 5"),
    "of another query": ("2,q1,a,1,0\n3,q,a,1,0\n2,q2,a,1,0\n", "line 6: impression 2 also stands at line 4"),
    "in words": ("é b,q1,a,1,0\n3,q,a,1,0\né b,q2,a,1,0\n", "line 6: impression é b also stands at line 4"),
}


@pytest.mark.parametrize("case", REPEATED)
@pytest.mark.parametrize("piece", [1 << 25, 16])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_an_impression_that_a_file_repeats_is_an_error(tmp_path: Path, monkeypatch, case, piece, skip_bad) -> None:
    """It would count twice."""
    monkeypatch.setattr(lines_of, "PIECE", piece)
    rows, told = REPEATED[case]
    (tmp_path / "x.csv").write_bytes(csv(rows))
    with pytest.raises(DataError) as refused:
        import_log([tmp_path / "x.csv"], tmp_path / "store", skip_bad=skip_bad)
    assert f"x.csv: {told}; an impression stands once in a file: leave out the repeat" in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_repeat_of_numbered_impressions_in_parquet(tmp_path: Path) -> None:
    rows = {"impression": [7, 8, 7], "qid": [1, 1, 1], "docno": [1, 1, 1], "rank": [1, 1, 1], "clicked": [0, 1, 0]}
    pq.write_table(pa.table(rows), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"x\.parquet: row 3: impression 7 also stands at row 1; an impression stands"):
        import_log([tmp_path / "x.parquet"], tmp_path / "store")


def test_missing_impressions_are_not_repeats(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(csv(",q1,a,1,0\n2,q1,a,1,0\n,q2,a,1,0\n"))
    manifest = import_log([tmp_path / "x.csv"], tmp_path / "store", skip_bad=True)
    assert manifest.skipped == {"missing impression": 2} and manifest.impressions == 3


def test_impressions_of_one_hash_are_told_apart(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(together, "hashed", lambda names: np.zeros(len(names), dtype=np.uint64))
    (tmp_path / "x.csv").write_bytes(csv("2,q1,a,1,0\n"))
    assert import_log([tmp_path / "x.csv"], tmp_path / "store").impressions == 3


@pytest.mark.parametrize("skipped", [0, 3])
def test_hashes_are_equal_where_names_are(skipped: int) -> None:
    rng = np.random.default_rng(skipped)
    names = ["".join(rng.choice(list("abé 1"), rng.integers(1, 5))) for _ in range(300)]
    found, words = hashed(pa.array(names).slice(skipped)), names[skipped:]
    assert len(set(found.tolist())) == len(set(words)) == len(set(zip(words, found.tolist(), strict=True)))
    again = {word for word in words if words.count(word) > 1}
    assert set(repeated([found[:100], found[100:]]).tolist()) == set(hashed(pa.array(sorted(again))).tolist())


@pytest.mark.parametrize("rows", [csv(""), b"qid,docnos,clicked\nq,a,1\n"])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_file_that_is_given_twice_is_an_error(tmp_path: Path, rows: bytes, skip_bad: bool) -> None:
    (tmp_path / "a.csv").write_bytes(rows)
    (tmp_path / "b.csv").write_bytes(rows)
    (tmp_path / "c.csv").symlink_to(tmp_path / "a.csv")
    for other, told in (
        ("a.csv", "is given twice"),
        ("b.csv", r"holds the same as .*a\.csv"),
        ("c.csv", "is given tw"),
    ):
        with pytest.raises(DataError, match=rf"{other}: {told}.*; give each file once") as refused:
            import_log([tmp_path / "a.csv", tmp_path / other], tmp_path / "store", skip_bad=skip_bad)
        assert "\n" not in str(refused.value)


def test_the_name_of_a_file_may_be_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "A.CSV").write_bytes(csv(""))
    (tmp_path / "B.Csv.GZ").write_bytes(gzip.compress(csv("")))
    assert import_log([tmp_path / "A.CSV", tmp_path / "B.Csv.GZ"], tmp_path / "store").impressions == 4


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_lines_of_blanks_are_no_lines(tmp_path: Path, end: bytes, skip_bad: bool) -> None:
    (tmp_path / "x.csv").write_bytes(csv("   \n2,q1,a,1,0\n \t\r\n") + b"  " + end)
    (tmp_path / "x.tsv").write_bytes(csv("  \n12,q1,a,1,0\n").replace(b",", b"\t") + b"  \r" + end)
    manifest = import_log([tmp_path / "x.csv", tmp_path / "x.tsv"], tmp_path / "store", skip_bad=skip_bad)
    assert manifest.impressions == 6 and manifest.skipped == {}


def test_a_tab_is_no_blank_where_it_parts_fields(tmp_path: Path) -> None:
    for fields, reason in (("\t\t\t\t", "missing impression"), ("\t", "broken line")):
        (tmp_path / "x.tsv").write_bytes(csv(f"{fields}\n").replace(b",", b"\t"))
        with pytest.raises(DataError, match=r"x\.tsv: line 4: (impression is missing|has 2 fields)"):
            import_log([tmp_path / "x.tsv"], tmp_path / "store")
        (tmp_path / "y.tsv").write_bytes(csv(f"2,q,a,1,0\n{fields}\n3,q,a,1,0\n").replace(b",", b"\t"))
        assert import_log([tmp_path / "y.tsv"], tmp_path / reason, skip_bad=True).skipped[reason] == 1


def test_a_long_field_is_not_broken_because_another_line_is(tmp_path: Path) -> None:
    page = " ".join(map(str, range(30_000)))
    (tmp_path / "x.csv").write_text(f"qid,docnos,click_ranks\nq0,{page},7\nq1,a\nq2,a,1\n")
    manifest = import_log([tmp_path / "x.csv"], tmp_path / "store", skip_bad=True)
    assert manifest.skipped == {"broken line": 1} and manifest.page_size == 30_000


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.csv: there is no such file"):
        import_log([tmp_path / "gone.csv"], tmp_path / "store")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_truncated_parquet(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pylist([GOOD] * 1000), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(DataError, match=r"x\.parquet: is not a whole Parquet file") as refused:
        import_log([path], tmp_path / "store", skip_bad=True)
    assert "\n" not in str(refused.value)


def test_a_damaged_page_of_parquet_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pylist([GOOD] * 1000), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not a whole Parquet file"):
        import_log([path], tmp_path / "store")
    assert list(tmp_path.iterdir()) == [path]


def test_parquet_rows_count_from_1(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    rows = [GOOD] * 700 + [other(docnos=["c", "c"])] + [GOOD] * 5
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=100)
    with pytest.raises(DataError, match="row 701: query q1: document c is shown twice"):
        import_log([path], tmp_path / "store")


def test_the_first_bad_row_is_told_whichever_check_finds_it(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(csv("2,q1,a,1,7\n3,q2,a,2,0\n4,,a,1,0\n5,q4,a,1,0,0\n"))
    with pytest.raises(DataError, match="line 4: query q1: clicked is '7'"):
        import_log([tmp_path / "x.csv"], tmp_path / "store")


@pytest.mark.parametrize("piece", [1 << 25, 24, 16, 8])
@pytest.mark.parametrize(
    ("rows", "broken", "refused", "kept"),
    [
        ("2,q1,a,1,0\n2,q1,b,2,0\n2,q1,c,3\n3,q3,b,2,0\n3,q3,a,1,0\n", 1, 2, ["q0", "q8", "q9"]),
        ("2,q1,a,1,0\n3,q3,c,3\n3,q3,b,2,0\n3,q3,a,1,0\n", 1, 2, ["q0", "q8", "q9"]),
        ("2,q1,a,1,0\n3\n4\n5\n3,q3,b,2,0\n3,q3,a,1,0\n", 3, 2, ["q0", "q8", "q9"]),
        ("2,q1,a,1,0\n3,q3,b,2,0\n3,q3,c,3\n3,q3,a,1,0\n", 1, 1, ["q0", "q1", "q8", "q9"]),
        ("2,q1,a,1,0\n3\n3,q3,a,1,0\n4\n4,q4,a,1,0\n", 2, 3, ["q0", "q8", "q9"]),
    ],
    ids=["last of the one", "first of the next", "three lines", "among its own rows", "two gaps"],
)
def test_an_impression_that_may_have_lost_a_document_to_a_broken_line_is_skipped(
    tmp_path: Path, monkeypatch, piece: int, rows: str, broken: int, refused: int, kept: list[str]
) -> None:
    """Rows may be in any order, so that the broken line may be the third document of either impression beside it."""
    monkeypatch.setattr(lines_of, "PIECE", piece)
    (tmp_path / "x.csv").write_bytes(csv(rows, last=MORE))
    manifest = import_log([tmp_path / "x.csv"], tmp_path / "store", skip_bad=True)
    assert manifest.skipped == {"broken line": broken, "beside a broken line": refused}
    assert LogStore.open(tmp_path / "store").qids.to_pylist() == kept


def test_more_documents_than_positions(tmp_path: Path) -> None:
    pages = [{"qid": qid, "docnos": list(range(begin, begin + 1000)), "click_ranks": [1]}
             for begin in range(0, 66_000, 1000) for qid in ("q0", "q1") if qid == "q0" or begin < 3000]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(pages), tmp_path / "x.parquet")
    with pytest.raises(DataError, match="row 69: query q0: has more than 65,535 documents"):
        import_log([tmp_path / "x.parquet"], tmp_path / "store")
    manifest = import_log([tmp_path / "x.parquet"], tmp_path / "store", skip_bad=True)
    assert manifest.skipped == {"too many documents": 1} and manifest.pairs == 65_000 + 3000


def test_files_must_have_the_same_optional_columns(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl())
    (tmp_path / "b.jsonl").write_bytes(jsonl(good=GOOD | {"session": "s"}))
    with pytest.raises(DataError, match=r"b\.jsonl: has the optional columns session, .*a\.jsonl has none"):
        import_log([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], tmp_path / "store")


def test_a_broken_last_impression_takes_no_other_with_it(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(csv("2,q1,a,1,0\n", last="9,q9,a,1,0\n9,q9,b\n"))
    manifest = import_log([tmp_path / "x.csv"], tmp_path / "store", skip_bad=True)
    assert manifest.skipped == {"broken line": 1, "beside a broken line": 1}
    assert LogStore.open(tmp_path / "store").qids.to_pylist() == ["q0", "q1"]


@pytest.mark.parametrize("piece", [1 << 25, 16, 4])
def test_a_broken_first_line_takes_the_first_impression_with_it(tmp_path: Path, monkeypatch, piece: int) -> None:
    monkeypatch.setattr(lines_of, "PIECE", piece)
    (tmp_path / "x.csv").write_bytes(csv("", first="1,q0,c\n1,q0,b,2,1\n1,q0,a,1,0\n"))
    manifest = import_log([tmp_path / "x.csv"], tmp_path / "store", skip_bad=True)
    assert manifest.skipped == {"broken line": 1, "beside a broken line": 1}
    assert LogStore.open(tmp_path / "store").qids.to_pylist() == ["q9"]


def test_a_query_first_seen_in_a_bad_impression_keeps_its_name(tmp_path: Path) -> None:
    rows = [other(qid="late", docnos=["a", "a"]), other(qid="early"), other(qid="late", docnos=["c", "d"])]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_log([tmp_path / "x.jsonl"], tmp_path / "store", skip_bad=True)
    table = pq.read_table(tmp_path / "store" / "queries.parquet").to_pylist()
    assert table == [{"qid": "early", "docnos": ["a", "b"]}, {"qid": "late", "docnos": ["c", "d"]}]
    assert pq.read_table(tmp_path / "store" / "impressions.parquet")["query"].to_pylist() == [0, 1]
