"""A log in numbers: closed forms, block by block as in memory, on the terminal and in JSON."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from command_line import CommandLine
from statsmodels.stats.proportion import proportion_confint

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.store import reader
from benchmark.labels.clicks.store.describe import describe, wilson
from benchmark.labels.clicks.store.ingest import import_log
from benchmark.labels.clicks.store.reader import LogStore
from benchmark.labels.clicks.store.writer import LogWriter


def make_log(count: int = 500) -> ImpressionLog:
    rng = np.random.default_rng(5)
    query = np.sort(np.minimum(rng.geometric(0.2, count) - 1, 9)).astype(np.int32)
    shown = np.argsort(rng.random((count, 6)), axis=1)[:, :4].astype(np.uint8)
    clicked = rng.random((count, 4)) < [0.5, 0.3, 0.1, 0.0]
    return ImpressionLog(np.array([f"q{i}" for i in range(10)]), query, shown, clicked, 6, simulated=True)


def stored(folder: Path, log: ImpressionLog, **options: np.ndarray) -> LogStore:
    with LogWriter(folder, simulated=True, columns=options) as writer:
        writer.write(log.query, log.shown, log.clicked, **options)
        lists = [[f"d{i}" for i in range(log.list_size)]] * len(log.qids)
        writer.write_queries([pa.RecordBatch.from_pydict({"qid": log.qids.tolist(), "docnos": lists})])
    return LogStore.open(folder)


def test_numbers_equal_those_of_the_arrays(tmp_path: Path) -> None:
    log = make_log()
    told = describe("x", stored(tmp_path / "store", log))
    assert [row.clicked for row in told.by_rank] == log.clicked.sum(axis=0).tolist()
    assert [row.rate for row in told.by_rank] == pytest.approx(log.clicked.mean(axis=0))
    assert told.share_without_click == pytest.approx((~log.clicked).all(axis=1).mean())
    assert told.clicks_per_impression == pytest.approx(log.clicked.sum() / len(log))
    assert told.clicks == np.bincount(log.clicked.sum(axis=1), minlength=5).tolist()
    assert told.pairs_shown == len(set(zip(np.repeat(log.query, 4).tolist(), log.shown.ravel().tolist(), strict=True)))
    assert sum(row.queries for row in told.frequency) == 10
    assert sum(row.impressions for row in told.frequency) == len(log)
    assert all(
        row.queries == ((row.fewest <= log.frequency()) & (log.frequency() <= row.most)).sum() for row in told.frequency
    )


def test_a_store_read_in_small_blocks_is_as_in_memory(tmp_path: Path, monkeypatch) -> None:
    log = make_log()
    store = stored(tmp_path / "store", log)
    in_memory = describe("x", log)
    for block in (1 << 17, 7, 1):
        monkeypatch.setattr(reader, "BLOCK", block)
        pages = list(store.pages())
        assert max(map(len, pages)) <= block
        assert np.array_equal(np.concatenate([p.pair for p in pages]), next(log.pages()).pair)
        assert describe("x", store).model_copy(update={"documents": None}) == in_memory


def test_long_pages_come_in_smaller_blocks(tmp_path: Path, monkeypatch) -> None:
    store = stored(tmp_path / "store", make_log())
    monkeypatch.setattr(reader, "CELLS", 40)
    assert {len(pages) for pages in store.pages()} == {10}


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    peaks = []
    for name, times in (("short", 4), ("long", 32)):
        log = make_log(1 << 14)
        with LogWriter(tmp_path / name, simulated=True) as writer:
            for _ in range(times):
                writer.write(log.query, log.shown, log.clicked)
            writer.write_queries(
                [pa.RecordBatch.from_pydict({"qid": log.qids.tolist(), "docnos": [list("abcdef")] * 10})]
            )
        store = LogStore.open(tmp_path / name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "BLOCK", 1 << 14)
            tracemalloc.start()
            describe(name, store)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_wilson_interval_is_that_of_statsmodels() -> None:
    clicked, shown = np.array([0, 1, 5, 10]), np.array([10, 10, 10, 10])
    low, high = proportion_confint(clicked, shown, method="wilson")
    np.testing.assert_allclose(wilson(clicked, shown), (low, high), atol=1e-12)


def test_strata_are_cut_where_the_traffic_reaches_the_shares(tmp_path: Path) -> None:
    counts = [50, 30, 10, 5, 5]
    query = np.repeat(np.arange(5), counts).astype(np.int32)
    page = np.zeros((100, 1), dtype=np.uint8)
    log = ImpressionLog(np.array(list("abcde")), query, page, page.astype(bool), 1, simulated=True)
    told = describe("x", log, (0.5, 0.9))
    assert [(s.name, s.queries, s.impressions, s.most_impressions, s.fewest_impressions) for s in told.strata] == [
        ("high", 1, 50, 50, 50), ("medium", 2, 40, 30, 10), ("low", 2, 10, 5, 5)
    ]  # fmt: skip


def test_dwell_quartiles_are_within_two_percent(tmp_path: Path) -> None:
    log = make_log(2000)
    rng = np.random.default_rng(1)
    dwell = np.where(log.clicked, rng.lognormal(2, 1, log.clicked.shape), np.nan)
    told = describe("x", stored(tmp_path / "store", log, dwell=dwell)).dwell
    known = dwell[log.clicked]
    assert told is not None and told.known == told.on_clicked == len(known)
    assert told.mean == pytest.approx(known.mean(), rel=1e-5) and told.most == pytest.approx(known.max(), rel=1e-6)
    quartiles = [told.lower_quartile, told.median, told.upper_quartile]
    assert quartiles == pytest.approx(np.quantile(known, [0.25, 0.5, 0.75]).tolist(), rel=0.025)


@pytest.mark.parametrize("shares", [(0.5,), (0.9, 0.5), (0, 0.5), (0.5, 1), (0.2, 0.4, 0.6)])
def test_shares_that_cut_nothing_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(ConfigurationError, match="shares"):
        describe("x", make_log(), shares)


def test_describe_on_the_terminal_and_in_json(tmp_path: Path, cli: CommandLine) -> None:
    row = {"qid": "q", "docnos": ["a", "b"], "clicked": [1, 0], "time": "2024-05-01T12:00:00Z", "dwell": [9, None]}
    text = "\n".join(map(json.dumps, [row, row | {"clicked": [0, 0]}, row | {"docnos": ["a", "a"]}]))
    (tmp_path / "x.jsonl").write_text(text)
    import_log([tmp_path / "x.jsonl"], tmp_path / "store", skip_bad=True)
    code, out, _ = cli("log", "describe", tmp_path / "store", "--json", tmp_path / "x.json", "--shares", ".6,.8")
    assert code == 0
    for part in ("2 impressions of 1 queries, clicks", "50.0% without a click", "cut at 0.6 and 0.8",
                 "2024-05-01 12:00:00", "left out at import: 1 duplicate document", "dwell known for 2"):  # fmt: skip
        assert part in out
    told = json.loads((tmp_path / "x.json").read_text())
    assert told["skipped"] == {"duplicate document": 1} and told["by_rank"][0]["rate"] == 0.5
    assert told["simulated"] is False
    code, out, err = cli("log", "describe", tmp_path / "store", "--json", tmp_path)
    assert code == 2 and out == "" and f"error: {tmp_path}: is a folder; name another place" in err


def test_simulated_clicks_are_called_simulated(tmp_path: Path, cli: CommandLine) -> None:
    code, out, _ = cli("log", "describe", "insuranceqa")
    assert code == 0 and "simulated clicks" in out.splitlines()[0]
    (tmp_path / "x.jsonl").write_text('{"qid": "q", "docnos": ["a"], "clicked": [true]}')
    code, _, err = cli("log", "import", tmp_path / "x.jsonl", "--out", tmp_path / "s", "--simulated")
    assert code == 0 and "1 impressions with simulated clicks" in err
    _, out, _ = cli("log", "describe", tmp_path / "s")
    assert "simulated clicks" in out.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["describe", "insurancqa"], "log insurancqa: is neither a folder nor a task; did you mean insuranceqa?"),
        (["describe", "./nowhere"], "log ./nowhere: is neither a folder nor a task"),
        (["describe", "insuranceqa", "--shares", "half"], "shares half: must be numbers"),
        (["validate", "nowhere"], "nowhere: is not a click log store"),
    ],
)
def test_a_wrong_name_is_one_line(cli: CommandLine, arguments: list[str], told: str) -> None:
    code, _, err = cli("log", *arguments)
    assert code == 2 and len(err.splitlines()) == 1 and told in err


def test_the_help_names_every_column(cli: CommandLine) -> None:
    from benchmark.labels.clicks.store.columns import COLUMNS

    _, out, _ = cli("log", "import", "--help")
    words = out.split()
    assert all(column.name in words for columns in COLUMNS.values() for column in columns)
