"""`click-or-llm log propensities` on a store of one's own and on a task; its plot and its file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from propensity_logs import draw
from typer.testing import CliRunner

from benchmark.commands.propensities import METHODS, propensities
from benchmark.errors import BenchmarkError
from benchmark.labels.clicks.propensities import Propensities, all_pairs, known, methods, rank_counts
from benchmark.labels.clicks.propensities.page import render_page
from benchmark.labels.clicks.propensities.plot import plot_specification
from benchmark.labels.clicks.store.ingest import import_log
from benchmark.labels.clicks.store.reader import LogStore

FAST = ("--draws", "4", "--method", "all-pairs", "--method", "click-rate")


def run(*arguments: str):
    """The result of the command; an error that a user can act on is raised."""
    app = typer.Typer()
    app.command("propensities")(propensities)
    result = CliRunner(env={"COLUMNS": "150"}).invoke(app, arguments)
    if isinstance(result.exception, BenchmarkError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def rows_of(specification, layer: int):
    """The data of a layer of the plot."""
    return specification["datasets"][specification["layer"][layer]["data"]["name"]]


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> str:
    """A store of pages of two to four documents."""
    folder = tmp_path_factory.mktemp("log")
    log, _ = draw(1_500, queries=40)
    lengths = np.random.default_rng(0).integers(2, 5, len(log))
    rows = [
        {"qid": str(log.qids[query]), "docnos": [f"d{d}" for d in shown[:size]], "clicked": clicked[:size].tolist()}
        for query, shown, clicked, size in zip(log.query, log.shown.tolist(), log.clicked, lengths, strict=True)
    ]
    (folder / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
    import_log([folder / "log.jsonl"], folder / "store", simulated=True)
    return str(folder / "store")


def test_a_store_gives_what_the_library_gives(store, tmp_path) -> None:
    result = run(store, *FAST, "--json", str(tmp_path / "e.json"))
    assert "simulated clicks" in result.output
    found = json.loads((tmp_path / "e.json").read_text())
    expected = all_pairs(rank_counts(LogStore.open(Path(store))), draws=4)
    assert found["estimates"][0] == expected.as_json()
    assert found["simulated"] is True and found["truth"] is None
    assert [each["method"] for each in found["estimates"]] == ["all-pairs", "click-rate"]


def test_fewer_ranks_a_declared_vector_and_strata(store, tmp_path) -> None:
    run(store, *FAST, "--ranks", "3", "--known", "2,1", "--by-frequency", "--json", str(tmp_path / "e.json"))
    first, *_, last = json.loads((tmp_path / "e.json").read_text())["estimates"]
    assert first["method"] == "known" and first["examination"] == [1, 0.5]
    assert len(last["examination"]) == 3 and list(last["contexts"]) == ["high", "medium", "low"]


@pytest.mark.parametrize("differ", [False, True])
def test_strata_that_were_shrunk_to_the_overall_curve_are_told(differ, tmp_path) -> None:
    """Their rows say the same as that of the whole log, which is a finding only for those who know why."""
    frequent = np.arange(40) < 8
    steep = np.where(frequent[:, None] & differ, [1, 0.2, 0.1, 0.05], [1, 0.8, 0.7, 0.6])
    log, _ = draw(20_000 if differ else 400, queries=40, examination=steep)
    rows = [
        {"qid": f"q{query}", "docnos": [f"d{d}" for d in shown], "clicked": clicked.tolist()}
        for i, (query, shown, clicked) in enumerate(zip(log.query, log.shown.tolist(), log.clicked, strict=True))
        if not differ or frequent[query] or i % 4 == 0
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
    import_log([tmp_path / "log.jsonl"], tmp_path / "store", simulated=True)
    page = tmp_path / "plot.html"
    result = run(str(tmp_path / "store"), "--method", "all-pairs", "--by-frequency", "--plot", str(page))
    told = "all-pairs-by-context: high, medium, low: shrunk to the overall curve and intervals, from which this log"
    assert (told in result.stdout) is not differ
    assert ("high, medium, low: shrunk to the overall curve" in page.read_text()) is not differ


def test_help_lists_every_method() -> None:
    assert tuple(methods.METHODS) == METHODS
    assert ", ".join(METHODS) in " ".join(re.sub("[│|]", "", run("--help").stdout).split())


def test_a_log_of_pages_with_one_document_is_told_what_it_lacks(tmp_path) -> None:
    (tmp_path / "log.jsonl").write_text(json.dumps({"qid": "q", "docnos": ["a"], "clicked": [1]}))
    import_log([tmp_path / "log.jsonl"], tmp_path / "store")
    with pytest.raises(BenchmarkError, match=r"its pages have one rank, .* give a log with pages of two documents or"):
        run(str(tmp_path / "store"))


def test_help_says_that_strata_are_shrunk() -> None:
    assert "each shrunk to the overall curve" in " ".join(re.sub("[│|]", "", run("--help").stdout).split())


def test_the_embedded_task_comes_with_the_truth_of_its_simulation(loaded, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("benchmark.tasks.registry.task_entry", lambda name: SimpleNamespace(load=lambda: loaded))
    result = run("insuranceqa", *FAST, "--json", str(tmp_path / "e.json"), "--plot", str(tmp_path / "plot.html"))
    assert "truth of the simulation" in result.output
    found = json.loads((tmp_path / "e.json").read_text())
    truth, pairs = np.array(found["truth"]), np.array(found["estimates"][0]["examination"])
    assert np.abs(pairs - truth).max() < 0.02
    page = (tmp_path / "plot.html").read_text()
    assert "Simulated clicks of task insuranceqa" in page
    assert not re.search(r"(src|href)=", page.split('<script id="data"')[0].split("<script>")[0])
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', page, re.DOTALL)[1].replace("<\\/", "</"))
    assert {row["method"] for row in rows_of(data, 0)} == {"all-pairs", "click-rate"}


def test_a_method_that_cannot_work_is_told_and_the_others_stand(tmp_path) -> None:
    log, _ = draw(200, queries=5, jitter=0.0)
    rows = [
        {"qid": str(log.qids[q]), "docnos": [f"d{d}" for d in shown], "clicked": clicked.tolist()}
        for q, shown, clicked in zip(log.query, log.shown.tolist(), log.clicked, strict=True)
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
    import_log([tmp_path / "log.jsonl"], tmp_path / "store", simulated=True)
    result = run(str(tmp_path / "store"), *FAST)
    assert "all-pairs: click log: no document is shown at two ranks" in result.stderr
    with pytest.raises(BenchmarkError, match="no document is shown at two ranks"):
        run(str(tmp_path / "store"), "--method", "all-pairs")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("insurance",), "did you mean insuranceqa"),
        (("/nowhere/store",), "/nowhere/store"),
        (("insuranceqa", "--method", "all-pair"), "did you mean all-pairs"),
        (("insuranceqa", "--known", "1;2"), "numbers with commas"),
        (("/nowhere/store", "--json", "/"), "^/: is a folder; name another place"),
        (("/nowhere/store", "--plot", "/dev/null/x"), "^/dev/null/x: /dev/null is no folder"),
    ],
)
def test_what_the_user_got_wrong_is_one_line(arguments, message) -> None:
    with pytest.raises(BenchmarkError, match=message) as error:
        run(*arguments)
    assert "\n" not in str(error.value)


def test_a_seed_is_not_negative() -> None:
    app = typer.Typer()
    app.command("propensities")(propensities)
    result = CliRunner().invoke(app, ["insuranceqa", "--seed", "-1"])
    assert result.exit_code == 2 and "--seed" in result.output


def test_the_plot_has_a_line_for_each_method_and_context_and_keeps_wide_bands_on_the_page() -> None:
    curve = Propensities("all-pairs", np.array([1, 0.5]), np.array([1, 0.0]), np.array([1, np.inf]), 5)
    whole = Propensities("by-context", curve.examination, curve.low, curve.high, 5, {"mobile": curve})
    specification = plot_specification([known([1, 0.4]), whole], np.array([1, 0.45]))
    values = rows_of(specification, 0)
    assert list(dict.fromkeys(row["method"] for row in values)) == ["known", "by-context", "by-context: mobile"]
    assert max(row["high"] for row in values) < 2
    assert [row["examination"] for row in rows_of(specification, 2)] == [1, 0.45]
    assert json.dumps(specification) == json.dumps(plot_specification([known([1, 0.4]), whole], np.array([1, 0.45])))


def test_a_page_cannot_be_broken_by_names() -> None:
    page = render_page("<b>", "a & b", {"name": "</script><script>alert(1)"}, [("vega", "code", "<licence>")])
    assert (
        "<b>" not in page and "alert(1)" in page and "</script><script>alert" not in page and "&lt;licence&gt;" in page
    )


@pytest.mark.parametrize(("queries", "clicked"), [(1, 1), (2, 2), (8, 2)])
def test_a_log_of_too_few_queries_is_told_in_one_line_and_has_no_intervals(queries, clicked, tmp_path) -> None:
    log, _ = draw(600, queries=queries)
    log = type(log)(
        log.qids, log.query, log.shown, log.clicked & (log.query < clicked)[:, None], log.list_size, simulated=True
    )
    rows = [
        {"qid": str(log.qids[q]), "docnos": [f"d{d}" for d in shown], "clicked": clicked.tolist()}
        for q, shown, clicked in zip(log.query, log.shown.tolist(), log.clicked, strict=True)
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
    import_log([tmp_path / "log.jsonl"], tmp_path / "store", simulated=True)
    files = ("--json", str(tmp_path / "e.json"), "--plot", str(tmp_path / "plot.html"))
    result = run(str(tmp_path / "store"), "--by-frequency", *files)
    assert result.stderr.count("\n") == 1
    assert "intervals cannot be estimated" in result.stderr and f"this log has {clicked};" in result.stderr
    assert set(re.findall("±[^ ]+", result.stdout)) == {"±0.000", "±?"}  # the first rank, by definition, and the others
    for estimate in json.loads((tmp_path / "e.json").read_text())["estimates"]:
        assert estimate["low"] == [1, 0, 0, 0] and estimate["high"] == [1, None, None, None]
    assert "no interval could be estimated" in (tmp_path / "plot.html").read_text()
