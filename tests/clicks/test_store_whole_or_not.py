"""A store is there whole or not at all, and a damaged one is told in one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import CommandLine

from benchmark.errors import DataError
from benchmark.hashing import sha256_file
from benchmark.labels.clicks.store.reader import LogStore
from benchmark.labels.clicks.store.validate import validate
from benchmark.labels.clicks.store.writer import LogWriter


def write(folder: Path, *, stop: BaseException | None = None, **options: bool) -> None:
    with LogWriter(folder, simulated=False, **options) as writer:
        writer.write(np.array([0, 1, 0]), np.array([[0, 1], [1, 0], [2, 1]]), np.zeros((3, 2), dtype=bool))
        if stop is not None:
            raise stop
        writer.write_queries(
            [pa.RecordBatch.from_pydict({"qid": ["q0", "q1"], "docnos": [["a", "b", "c"], ["a", "d"]]})]
        )


@pytest.mark.parametrize("stop", [RuntimeError("boom"), KeyboardInterrupt(), SystemExit(3)])
def test_what_stops_the_writer_leaves_nothing(tmp_path: Path, stop: BaseException) -> None:
    with pytest.raises(type(stop)):
        write(tmp_path / "store", stop=stop)
    assert not list(tmp_path.iterdir())


def test_an_existing_store_is_refused_unless_it_is_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "store")
    before = sha256_file(tmp_path / "store" / "log.json")
    with pytest.raises(DataError, match="store: exists already; choose another folder"):
        write(tmp_path / "store")
    with pytest.raises(RuntimeError):
        write(tmp_path / "store", overwrite=True, stop=RuntimeError())
    assert sha256_file(tmp_path / "store" / "log.json") == before  # a failure leaves the old store
    write(tmp_path / "store", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_only_a_store_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").touch()
    with pytest.raises(DataError, match="home: is not a click log store and is not overwritten"):
        write(tmp_path / "home", overwrite=True)
    assert (tmp_path / "home" / "thesis.tex").exists()


def test_two_writers_of_one_store(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is being written already"), LogWriter(tmp_path / "store", simulated=False):
        write(tmp_path / "store")
    assert not list(tmp_path.iterdir())


def test_no_impression_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no impression is left to store"), LogWriter(tmp_path / "s", simulated=False):
        pass
    assert not list(tmp_path.iterdir())


def dead_process() -> int:
    code = "import os; print(os.getpid())"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


@pytest.mark.parametrize("stop", [OSError("no space left"), KeyboardInterrupt(), SystemExit(3)])
@pytest.mark.parametrize("moved", [False, True])
def test_what_stops_the_exchange_of_two_stores_loses_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, moved: bool
) -> None:
    """Stopped before or just after the new store takes the name: the old or the new one is there, and nothing else."""
    write(tmp_path / "store")
    (tmp_path / "store" / "old").touch()
    rename = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        if self.name == f".store.{os.getpid()}.partial":
            if moved:
                rename(self, target)
            raise stop
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(type(stop)):
        write(tmp_path / "store", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    assert (tmp_path / "store" / "old").exists() != moved
    assert len(validate(tmp_path / "store")) == 3


@pytest.mark.parametrize("own", [False, True])
def test_a_store_that_a_killed_process_had_moved_aside_comes_back(tmp_path: Path, own: bool) -> None:
    """Of a process that was killed between its two renames; in a container the next one may have the same number."""
    write(tmp_path / "store")
    process = os.getpid() if own else dead_process()
    aside = (tmp_path / "store").rename(tmp_path / f".store.old.{process}.partial")
    with pytest.raises(DataError, match="store: exists already"):
        write(tmp_path / "store")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    assert len(validate(tmp_path / "store")) == 3

    (tmp_path / "store").rename(aside)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "store", overwrite=True, stop=KeyboardInterrupt())
    assert len(validate(tmp_path / "store")) == 3

    (tmp_path / "store").rename(aside)
    write(tmp_path / "store", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_store_moved_aside_is_removed_where_another_has_its_name(tmp_path: Path) -> None:
    write(tmp_path / "store")
    (tmp_path / "store").rename(tmp_path / f".store.old.{dead_process()}.partial")
    write(tmp_path / "store.v2")
    (tmp_path / "store.v2").rename(tmp_path / f".store.v2.old.{dead_process()}.partial")
    (tmp_path / "store").mkdir()
    with pytest.raises(DataError, match="store: exists already"):
        write(tmp_path / "store")
    assert sorted(path.name[:13] for path in tmp_path.iterdir()) == [".store.v2.old", "store"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / f".store.{dead_process()}.partial"
    left.mkdir()
    (left / "impressions.parquet").touch()
    alive = tmp_path / f".store.{os.getppid()}.partial"
    alive.mkdir()
    write(tmp_path / "store")
    assert not left.exists() and alive.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_kill_of_the_import_leaves_nothing_and_says_so(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "x.csv").write_text("impression,qid,docno,rank,clicked\n1,q,a,1,0\n")
    folder = tmp_path / "out"
    folder.mkdir()
    code = (  # the import is held up where it is in the middle of writing
        "import signal, sys, time\nfrom pathlib import Path\nfrom benchmark.cli import main\n"
        "from benchmark.labels.clicks.store import ingest\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        f"def slow(self):\n    Path({str(tmp_path / 'ready')!r}).touch(); time.sleep(60); yield\n"
        "ingest._Importer.queries = slow\n"
        f"sys.argv = 'click-or-llm log import x.csv --out'.split() + [{str(folder / 'store')!r}]\n"
        "main()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while not (tmp_path / "ready").exists() and time.monotonic() < limit:
        time.sleep(0.02)
    assert [path.name for path in folder.iterdir()] == [f".store.{process.pid}.partial"]
    process.send_signal(number)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert told.splitlines() == ["interrupted: nothing was written; the same command begins again"]
    assert not list(folder.iterdir())


def rewrite(folder: Path, name: str, **columns: list) -> None:
    """Change columns and set the checksum right, as a wrong program would, not a wrong disk."""
    path = folder / name
    table = pq.read_table(path)
    for column, values in columns.items():
        at = table.schema.get_field_index(column)
        table = table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))
    pq.write_table(table, path)
    manifest = json.loads((folder / "log.json").read_text())
    manifest["files"][name] = sha256_file(path)
    (folder / "log.json").write_text(json.dumps(manifest))


IMPRESSIONS, QUERIES = "impressions.parquet", "queries.parquet"
DAMAGE = {
    "no folder": (lambda f: (f / "log.json").unlink(), "store: is not a click log store"),
    "manifest cut": (lambda f: (f / "log.json").write_text('{"format'), "log.json: manifest is damaged at JSON"),
    "manifest of another format": (
        lambda f: (f / "log.json").write_text((f / "log.json").read_text().replace('"format": 1', '"format": 2')),
        "log.json: manifest is damaged at format",
    ),
    "file missing": (lambda f: (f / QUERIES).unlink(), "queries.parquet: file is missing"),
    "file cut": (
        lambda f: (f / IMPRESSIONS).write_bytes((f / IMPRESSIONS).read_bytes()[:-9]), "impressions.parquet: is damaged",
    ),
    "one bit": (
        lambda f: (f / IMPRESSIONS).write_bytes(
            b"".join([(b := (f / IMPRESSIONS).read_bytes())[:20], bytes([b[20] ^ 1]), b[21:]])
        ),
        "impressions.parquet: sha256 is",
    ),
    "unknown query": (lambda f: rewrite(f, IMPRESSIONS, query=[0, 2, 0]), "row 2: query is not one of the 2 queries"),
    "negative query": (lambda f: rewrite(f, IMPRESSIONS, query=[0, 1, -1]), "row 3: query is not one of"),
    "null query": (lambda f: rewrite(f, IMPRESSIONS, query=[0, None, 1]), "row 2: query is not one of"),
    "unknown document": (
        lambda f: rewrite(f, IMPRESSIONS, shown=[[0, 1], [1, 2], [2, 1]]), "row 2: shows a document that is not in",
    ),
    "document twice": (
        lambda f: rewrite(f, IMPRESSIONS, shown=[[0, 1], [1, 0], [2, 2]]), "row 3: shows a document twice",
    ),
    "document twice on pages of differing lengths": (
        lambda f: rewrite(f, IMPRESSIONS, shown=[[0], [1, 0], [2, 2]]), "row 3: shows a document twice",
    ),
    "clicks too short": (
        lambda f: rewrite(f, IMPRESSIONS, clicked=[[True, True], [True], [True, True]]),
        "row 2: clicked has another length than shown",
    ),
    "clicks null": (lambda f: rewrite(f, IMPRESSIONS, clicked=[[True, None]] * 3), "clicked has nulls"),
    "empty page": (
        lambda f: rewrite(f, IMPRESSIONS, shown=[[0, 1], [], [2, 1]], clicked=[[True] * 2, [], [True] * 2]),
        "row 2: shows no document",
    ),
    "longer page": (
        lambda f: rewrite(f, IMPRESSIONS, shown=[[0], [1], [2]], clicked=[[True]] * 3),
        "the longest page has 1 documents, the manifest says 2",
    ),
    "qid twice": (lambda f: rewrite(f, QUERIES, qid=["q0", "q0"]), "a qid is missing or stands twice"),
    "docno twice": (
        lambda f: rewrite(f, QUERIES, docnos=[["a", "b", "c"], ["a", "a"]]), "row 2: query q1: documents are missing",
    ),
    "docno null": (
        lambda f: rewrite(f, QUERIES, docnos=[["a", None, "c"], ["a", "b"]]), "row 1: query q0: documents are missing",
    ),
    "other counts": (
        lambda f: rewrite(f, QUERIES, docnos=[["a", "b"], ["a", "b"]]), "has 4 pairs, the manifest says 5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_one_line(tmp_path: Path, cli: CommandLine, case: str) -> None:
    write(tmp_path / "store")
    damage, told = DAMAGE[case]
    damage(tmp_path / "store")
    ended = cli("log", "validate", tmp_path / "store")
    assert ended.code == 2
    assert len(ended.errors) == 1 and ended.err.startswith("error: ") and told in ended.err, ended.err


def test_a_page_damaged_behind_the_readers_back_is_one_line(tmp_path: Path) -> None:
    write(tmp_path / "store")
    path = tmp_path / "store" / IMPRESSIONS
    content = bytearray(path.read_bytes())
    content[4:40] = b"\xff" * 36
    path.write_bytes(content)
    store = LogStore.open(tmp_path / "store")
    with pytest.raises(DataError, match=r"impressions\.parquet: is damaged") as told:
        list(store.pages())
    assert "\n" not in str(told.value)


def test_a_whole_store_is_ok_in_one_line(tmp_path: Path, cli: CommandLine) -> None:
    write(tmp_path / "store")
    assert len(validate(tmp_path / "store")) == 3
    ended = cli("log", "validate", tmp_path / "store")
    assert ended.code == 0
    assert ended.out == f"ok: {tmp_path / 'store'}: 3 impressions, 2 queries, 5 pairs\n"
