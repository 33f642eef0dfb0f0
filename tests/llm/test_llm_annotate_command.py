"""`click-or-llm annotate` as a user meets it: with a real, if tiny, model on this machine."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from serving.tiny_model import write_tiny_model

from benchmark.cli import main
from benchmark.labels.llm.judgments import read_judgments


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny")


class Command:
    """Runs the command in a folder; gives the exit code and what was printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        monkeypatch.chdir(folder)
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: str) -> tuple[int, str]:
        self._monkeypatch.setattr(sys, "argv", ["click-or-llm", "annotate", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        out, err = self._capsys.readouterr()
        return int(code or 0), " ".join((out + err).split())


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    return Command(monkeypatch, capsys, tmp_path)


def test_a_dry_run_says_what_it_would_take_and_a_run_takes_that(command: Command, model: Path, tmp_path: Path) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--dtype", "float32", "--budget", "3")
    code, told = command(*ask, "--dry-run", "--price-in", "2")
    assert code == 0
    assert re.search(r"3 lists of 60 documents; \d+ requests to ask, \d+ in the store; [\d,]+ tokens of prompts", told)
    assert "of the judge's time" in told
    assert not (tmp_path / "judgments").exists()

    code, told = command(*ask)
    assert code == 0
    assert "3 of 3 lists judged: 60 ok; judgments in judgments/tiny-query-likelihood.parquet" in told
    made = read_judgments(tmp_path / "judgments/tiny-query-likelihood.parquet")
    assert (len(made), made.metadata.purpose, made.scale) == (60, "training", "likelihood")
    assert made.metadata.candidates.startswith("insuranceqa 1.0: 3 train questions, selected by draw")
    assert made.metadata.prompt_tokens == pytest.approx(60 * 400, rel=1)
    assert np.isfinite(made.table["value"]).all()

    before = (tmp_path / "replies/replies.jsonl").read_bytes()
    code, told = command(*ask)
    assert "0 requests to ask" in told
    assert (tmp_path / "replies/replies.jsonl").read_bytes() == before


def test_rounds_leave_out_what_was_judged_and_dev_is_for_agreement(
    command: Command, model: Path, tmp_path: Path
) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--budget", "3")
    assert command(*ask, "--out", "one.parquet")[0] == 0
    assert command(*ask, "--out", "two.parquet", "--so-far", "one.parquet", "--select", "random")[0] == 0
    one, two = (read_judgments(tmp_path / name) for name in ("one.parquet", "two.parquet"))
    assert not set(one.table["qid"]) & set(two.table["qid"])
    assert command(*ask, "--split", "dev")[0] == 0
    dev = read_judgments(tmp_path / "judgments/tiny-query-likelihood-dev.parquet")
    assert dev.metadata.purpose == "agreement"


def test_a_budget_stops_and_the_same_command_goes_on(command: Command, model: Path, tmp_path: Path) -> None:
    ask = ("--method", "listwise-selection", "--judge", str(model), "--budget", "40", "--out", "x.parquet")
    code, told = command(*ask, "--max-tokens", "2")
    assert code == 0
    lists = len(read_judgments(tmp_path / "x.parquet").table["qid"].unique())
    assert 0 < lists < 40
    assert f"{lists} of 40 lists judged" in told
    code, told = command(*ask, "--setting", "window=20")
    assert "40 of 40 lists judged" in told


def test_judgments_that_are_there_are_not_lost(command: Command, model: Path, tmp_path: Path) -> None:
    """An earlier run of the same may be continued; other lists, settings or models need another name."""
    ask = ("--method", "query-likelihood", "--judge", str(model), "--dtype", "float32")
    path = tmp_path / "judgments/tiny-query-likelihood.parquet"
    assert command(*ask, "--budget", "2")[0] == 0
    first = path.read_bytes()
    for other in (
        ("--budget", "2", "--so-far", str(path), "--select", "random"),
        ("--budget", "1"),
        ("--budget", "2", "--language", "zh"),
        ("--budget", "2", "--dtype", "bfloat16"),
    ):
        code, told = command(*ask, *other)
        assert (code, path.read_bytes() == first) == (2, True)
        assert "tiny-query-likelihood.parquet: holds other judgments, which would be lost; name another" in told
    assert command(*ask, "--budget", "3")[0] == 0
    assert len(read_judgments(path)) == 60


MISTAKES = [
    (("--method", "graded-7"), "method 'graded-7' is unknown; did you mean graded-"),
    (("--method", "yes-no", "--setting", "window=3"), "method yes-no has no setting 'window'"),
    (("--method", "yes-no", "--setting", "window"), "setting 'window': write NAME=VALUE"),
    (("--method", "yes-no", "--out", "x.csv"), "out x.csv: must end in .parquet"),
    (("--method", "yes-no", "--judge", "nowhere.gguf"), "nowhere.gguf: no such model file"),
    (("--method", "yes-no", "--judge", "http://localhost:1/v1"), "name the model that it serves: --model NAME"),
    (("--method", "yes-no", "--task", "insurance"), "task insurance: there is no such task; did you mean insuranceqa"),
    (("--method", "yes-no", "--language", "fr"), "fr"),
    (("--method", "yes-no", "--select", "newest"), "selection strategy 'newest' does not exist"),
    (("--method", "yes-no", "--so-far", "none.parquet"), "none.parquet: is missing"),
    (("--method", "yes-no", "--max-cost", "0"), "budget cost 0: must be above 0"),
    (("--method", "yes-no", "--max-cost", "5"), "max-cost: nothing costs anything without prices; give --price-in or"),
    (("--method", "pairwise", "--setting", "opponents=two"), "setting opponents is 'two'; give a whole number"),
    (("--method", "pairwise", "--setting", "opponents=true"), "setting opponents is True; give a whole number"),
    (("--method", "direct-ranking", "--setting", "window=2.5"), "setting window is 2.5; give a whole number"),
    (("--method", "listwise-selection", "--setting", "shuffle=False"), "shuffle is 'False'; give true or false"),
    (("--method", "yes-no", "--judge", "https://me:hunter2@host/v1"), "base URL: holds a user or a password"),
]


@pytest.mark.parametrize(("arguments", "reason"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_one_line_and_leaves_nothing(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    code, told = command(*arguments)
    assert code == 2
    assert reason in told
    assert "hunter2" not in told
    assert told.startswith("error: ")
    assert list(tmp_path.iterdir()) == []
