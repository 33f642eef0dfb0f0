"""A log comes back from the store as it went in, whatever the layout, the format and the size of the pieces."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.store import reader
from benchmark.labels.clicks.store.ingest import import_log
from benchmark.labels.clicks.store.reader import LogStore
from benchmark.labels.clicks.store.sources import lines, parquet
from benchmark.labels.clicks.store.texts import QueryTexts
from benchmark.labels.clicks.store.validate import validate
from benchmark.labels.clicks.store.vocabulary import PairIndex
from benchmark.labels.clicks.store.writer import LogWriter

NAMES = ["a", "b", "ß", "d-1", "7", 'x"y', "日本", "a,b", "nana"]


@st.composite
def logs(draw) -> list[dict]:
    """Impressions with pages of differing lengths."""
    impressions = []
    for _ in range(draw(st.integers(1, 12))):
        docnos = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
        clicked = [draw(st.booleans()) for _ in docnos]
        dwell = [draw(st.sampled_from([None, 0.0, 0.5, 30.25])) for _ in docnos]
        impressions.append(
            {"qid": draw(st.sampled_from(NAMES)), "docnos": docnos, "clicked": clicked, "dwell": dwell,
             "vertical": [draw(st.sampled_from([None, "web", "news"])) for _ in docnos],
             "session": draw(st.sampled_from([None, "s1", "s2"])),
             "time": draw(st.sampled_from([None, 0, 1234567890123])),
             "text": draw(st.sampled_from([None, "", "how to", "été"]))}
        )  # fmt: skip
    return impressions


def as_jsonl(path: Path, impressions: list[dict]) -> None:
    path.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in impressions), encoding="utf-8")


def as_clicks(path: Path, impressions: list[dict]) -> None:
    rows = []
    for row in impressions:
        clicks = [docno for docno, clicked in zip(row["docnos"], row["clicked"], strict=True) if clicked]
        rows.append({**row, "clicks": clicks[::-1] * 2})
        del rows[-1]["clicked"]
    path.write_bytes(gzip.compress(("\n".join(map(json.dumps, rows)) + "\n").encode()))


def as_ranks(path: Path, impressions: list[dict]) -> None:
    rows = [{**row, "click_ranks": [rank for rank, clicked in enumerate(row["clicked"], 1) if clicked]}
            for row in impressions]  # fmt: skip
    schema = pa.schema([("qid", pa.dictionary(pa.int8(), pa.string())), ("docnos", pa.large_list(pa.large_string())),
                        ("click_ranks", pa.list_(pa.int8())), ("dwell", pa.list_(pa.float64())),
                        ("vertical", pa.list_(pa.string())), ("session", pa.string()),
                        ("time", pa.timestamp("ms", tz="UTC")), ("text", pa.string())])  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, schema), path, row_group_size=3)


def as_parquet(path: Path, impressions: list[dict]) -> None:
    schema = pa.schema([("qid", pa.string()), ("docnos", pa.list_(pa.dictionary(pa.int32(), pa.string()))),
                        ("clicked", pa.list_(pa.bool_())), ("dwell", pa.list_(pa.float32())),
                        ("vertical", pa.list_(pa.string())), ("session", pa.string()), ("time", pa.int64()),
                        ("text", pa.string())])  # fmt: skip
    pq.write_table(pa.Table.from_pylist(impressions, schema), path)


def as_long(path: Path, impressions: list[dict]) -> None:
    """Rows of an impression in backward order, which the ranks set right."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        header = ["rank", "impression", "qid", "docno", "clicked", "dwell", "vertical", "session", "time", "text"]
        writer = csv.DictWriter(stream, header, delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        for number, row in enumerate(impressions):
            cells = list(zip(row["docnos"], row["clicked"], row["dwell"], row["vertical"], strict=True))
            for rank, (docno, clicked, dwell, vertical) in reversed(list(enumerate(cells, 1))):
                writer.writerow({"rank": rank, "impression": number, "docno": docno, "clicked": clicked,
                                 "dwell": dwell, "vertical": vertical,
                                 **{name: row[name] for name in ("qid", "session", "time", "text")}})  # fmt: skip


FORMATS = [
    ("x.jsonl", as_jsonl), ("x.jsonl.gz", as_clicks), ("r.parquet", as_ranks), ("x.parquet", as_parquet),
    ("x.csv", as_long), ("x.tsv", as_long),
]  # fmt: skip


def impressions_of(store: LogStore) -> list[dict]:
    qids, docnos = store.qids.to_pylist(), store.pair_docno.to_pylist()
    extra = list(store.manifest.columns)
    rows = [row for batch in store.batches(["query", "shown", "clicked", *(c for c in extra if c != "text")])
            for row in batch.to_pylist()]  # fmt: skip
    text = [value for batch in store.query_batches() for value in batch["text"].to_pylist()]
    found = []
    for row in rows:
        first = int(store.offsets[row["query"]])
        time = row["time"]
        milliseconds = None if time is None else round(time.timestamp() * 1000) if time.tzinfo else time
        found.append({
            "qid": qids[row["query"]], "docnos": [docnos[first + at] for at in row["shown"]],
            "clicked": row["clicked"], "dwell": row["dwell"], "vertical": row["vertical"], "session": row["session"],
            "time": milliseconds, "text": text[row["query"]],
        })  # fmt: skip
    return found


def expected_of(impressions: list[dict]) -> list[dict]:
    first_text: dict[str, str] = {}
    for row in impressions:
        if row["text"]:
            first_text.setdefault(row["qid"], row["text"])
    rows = []
    for row in impressions:
        text = first_text.get(row["qid"])
        time = None if row["time"] is None else np.datetime64(row["time"], "ms").astype(object)
        rows.append({**row, "text": text, "time": time})
    return rows


@pytest.mark.parametrize(("name", "write"), FORMATS)
@settings(max_examples=25)
@given(log=logs(), piece=st.sampled_from([1 << 20, 100]), block=st.sampled_from([1 << 17, 2]))
def test_import_then_pages_is_the_log(name: str, write, log: list[dict], piece: int, block: int) -> None:
    with (
        tempfile.TemporaryDirectory() as scratch,
        mock.patch.object(lines, "PIECE", piece),
        mock.patch.object(parquet, "VALUES", piece),
        mock.patch.object(reader, "BLOCK", block),
    ):
        write(Path(scratch) / name, log)
        import_log([Path(scratch) / name], Path(scratch) / "store")
        store = validate(Path(scratch) / "store")
        assert impressions_of(store) == expected_of(log)

        docnos, queries = np.array(store.pair_docno.to_pylist()), np.array(store.qids.to_pylist())
        pages = [(pair, clicked) for p in store.pages() for pair, clicked in zip(p.pair, p.clicked, strict=True)]
        for (pair, clicked), row in zip(pages, log, strict=True):
            length = len(row["docnos"])
            assert docnos[pair[:length]].tolist() == row["docnos"] and clicked[:length].tolist() == row["clicked"]
            assert set(queries[store.pair_query[pair[:length]]].tolist()) == {row["qid"]}
            assert (pair[length:] == -1).all() and not clicked[length:].any()
        assert store.frequency().tolist() == [sum(row["qid"] == qid for row in log) for qid in store.qids.to_pylist()]


@pytest.mark.parametrize("piece", [1 << 20, 60])
def test_the_first_words_of_a_query_that_are_told_are_kept(tmp_path: Path, piece: int) -> None:
    rows = [("a", None), ("b", "bee"), ("a", ""), ("c", None), ("a", "ay"), ("b", "wasp"), ("a", "eh"), ("c", None)]
    lines_ = [json.dumps({"qid": qid, "docnos": ["d"], "clicks": [], "text": text}) for qid, text in rows]
    (tmp_path / "x.jsonl").write_text("\n".join(lines_))
    with mock.patch.object(lines, "PIECE", piece):
        import_log([tmp_path / "x.jsonl"], tmp_path / "store")
    table = pq.read_table(tmp_path / "store" / "queries.parquet").to_pylist()
    assert [(row["qid"], row["text"]) for row in table] == [("a", "ay"), ("b", "bee"), ("c", None)]


def test_words_of_many_queries() -> None:
    """Against a dictionary, over blocks that number queries beyond what was kept so far."""
    rng = np.random.default_rng(0)
    texts, expected = QueryTexts(), dict[int, str]()
    for top in (10, 3000, 2000, 9000):
        query = rng.integers(0, top, 4000).astype(np.int32)
        words = [f"{top} {i}" if told else None for i, told in enumerate(rng.random(4000) < 0.3)]
        texts.add(query, pa.array(words, pa.string()))
        for number, word in zip(query.tolist(), words, strict=True):
            if word is not None:
                expected.setdefault(number, word)
    assert texts.of(0, 8000).to_pylist() == [expected.get(number) for number in range(8000)]
    assert texts.of(5, 7).to_pylist() == [expected[5], expected[6]]


def test_lists_are_in_order_of_first_appearance(tmp_path: Path) -> None:
    rows = [("q2", ["b", "a"]), ("q1", ["a"]), ("q2", ["c", "b"])]
    lines_ = [json.dumps({"qid": qid, "docnos": docnos, "click_ranks": []}) for qid, docnos in rows]
    (tmp_path / "x.jsonl").write_text("\n".join(lines_))
    manifest = import_log([tmp_path / "x.jsonl"], tmp_path / "store")
    table = pq.read_table(tmp_path / "store" / "queries.parquet").to_pylist()
    assert table == [{"qid": "q2", "docnos": ["b", "a", "c"]}, {"qid": "q1", "docnos": ["a"]}]
    assert (manifest.pairs, manifest.documents, manifest.page_size, manifest.columns) == (4, 3, 2, ())


def test_nested_csv_has_lists_separated_by_spaces(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("qid,docnos,clicks,dwell\nq,a b  c,c a,1 nan 2.5\nq,b,,3\n")
    import_log([tmp_path / "x.csv"], tmp_path / "store")
    rows = pq.read_table(tmp_path / "store" / "impressions.parquet").to_pylist()
    assert [row["clicked"] for row in rows] == [[True, False, True], [False]]
    assert [row["dwell"] for row in rows] == [[1.0, None, 2.5], [3.0]]


def test_null_for_a_list_is_unknown_for_every_document(tmp_path: Path) -> None:
    row = {"qid": "q", "docnos": ["a", "b"], "clicked": [0, 1]}
    text = [row | {"dwell": [1, None], "vertical": ["web", "web"]}, row | {"dwell": None}, row | {"vertical": None}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, text)))
    import_log([tmp_path / "x.jsonl"], tmp_path / "store")
    rows = pq.read_table(tmp_path / "store" / "impressions.parquet").to_pylist()
    assert [row["dwell"] for row in rows] == [[1.0, None], [None, None], [None, None]]
    assert [row["vertical"] for row in rows] == [["web", "web"], [None, None], [None, None]]


def test_byte_order_mark_windows_lines_and_blank_lines(tmp_path: Path) -> None:
    content = "\ufeffimpression,qid,docno,rank,clicked\r\n1,q,a,1,true\r\n\r\n2,q,b,1,0\r\n"
    (tmp_path / "x.csv").write_bytes(content.encode())
    assert import_log([tmp_path / "x.csv"], tmp_path / "store").impressions == 2


def test_a_json_column_takes_the_type_of_its_first_value_however_late(tmp_path: Path) -> None:
    row = {"impression": "1", "qid": "q", "docno": "a", "rank": 1, "clicked": 0, "dwell": None, "time": None}
    rows = [row | {"impression": str(i)} for i in range(3000)]
    rows += [row | {"impression": "x", "dwell": 1, "time": "2024-01-01"}, row | {"impression": "y", "dwell": 2.5}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with mock.patch.object(lines, "PIECE", 10_000):
        manifest = import_log([tmp_path / "x.jsonl"], tmp_path / "store")
    assert manifest.impressions == 3002 and manifest.first_time is not None
    table = pq.read_table(tmp_path / "store" / "impressions.parquet")["dwell"]
    assert table[-2:].to_pylist() == [[1.0], [2.5]]


def test_integer_ids_and_several_files(tmp_path: Path) -> None:
    for name, qid in (("a", 1), ("b", 2)):
        table = pa.table({"qid": [qid], "docnos": [[10, 11]], "clicks": [[11]]})
        pq.write_table(table, tmp_path / f"{name}.parquet")
    import_log([tmp_path / "b.parquet", tmp_path / "a.parquet"], tmp_path / "store")
    store = LogStore.open(tmp_path / "store")
    assert store.qids.to_pylist() == ["2", "1"] and store.pair_docno.to_pylist() == ["10", "11"] * 2
    assert store.manifest.sources == ("b.parquet", "a.parquet")
    assert next(store.pages()).clicked.tolist() == [[False, True]] * 2


@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=20), max_size=20))
def test_pair_index_equals_dictionaries(batches: list[list[tuple[int, int]]]) -> None:
    index, lists = PairIndex(), {}
    for batch in batches:
        query, document = np.array(batch, dtype=np.int32).T
        expected = []
        for q, d in batch:
            known = lists.setdefault(q, {})
            expected.append(known.setdefault(d, len(known)))
        assert index.positions(query, document, 100).tolist() == expected
    lengths, documents = index.lists()
    assert documents.tolist() == [d for q in sorted(lists) for d in lists[q]]
    assert index.count == len(documents) == lengths.sum()


@given(st.integers(1, 40), st.integers(0, 9999))
@settings(max_examples=20)
def test_the_writer_takes_matrices_and_to_log_gives_them_back(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    query = rng.integers(0, 3, count).astype(np.int32)
    shown = np.argsort(rng.random((count, 6)), axis=1)[:, :4].astype(np.uint8)
    clicked = rng.random((count, 4)) < 0.3
    log = ImpressionLog(np.array(["x", "y", "z"]), query, shown, clicked, 6, simulated=True)
    with tempfile.TemporaryDirectory() as scratch:
        with LogWriter(Path(scratch) / "store", simulated=True) as writer:
            for rows in np.array_split(np.arange(count), 3):
                writer.write(query[rows], shown[rows], clicked[rows])
            writer.write_queries([pa.RecordBatch.from_pydict({"qid": list("xyz"), "docnos": [list("abcdef")] * 3})])
        store = validate(Path(scratch) / "store")
        back = store.to_log()
        for name in ("qids", "query", "shown", "clicked", "list_size", "simulated"):
            assert np.array_equal(getattr(back, name), getattr(log, name))
        assert np.array_equal(store.pair_query, log.pair_query)
        ours, theirs = next(store.pages()), next(log.pages())
        assert np.array_equal(ours.pair, theirs.pair) and np.array_equal(ours.clicked, theirs.clicked)


def test_shorter_pages_end_with_minus_one(tmp_path: Path) -> None:
    shown = np.array([[1, 0, -1], [2, -1, -1]], dtype=np.int16)
    clicked = np.array([[0, 1, 0], [1, 0, 0]], dtype=bool)
    dwell = np.array([[np.nan, 2, np.nan], [1, 0, 0]])
    with LogWriter(tmp_path / "store", simulated=False, columns=["dwell", "time"]) as writer:
        time = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]")
        writer.write(np.array([0, 0]), shown, clicked, dwell=dwell, time=time)
        writer.write_queries([pa.RecordBatch.from_pydict({"qid": ["q"], "docnos": [["a", "b", "c"]]})])
    store = validate(tmp_path / "store")
    pages = next(store.pages())
    assert store.page_size == 2 and pages.pair.tolist() == [[1, 0], [2, -1]]
    assert pages.clicked.tolist() == [[False, True], [True, False]]
    assert f"{store.manifest.first_time:%F} {store.manifest.last_time:%F}" == "2024-01-01 2024-01-02"


def test_a_hole_in_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="before the end"), LogWriter(tmp_path / "store", simulated=False) as writer:
        writer.write(np.array([0]), np.array([[-1, 0]]), np.zeros((1, 2), dtype=bool))
    assert not list(tmp_path.iterdir())
