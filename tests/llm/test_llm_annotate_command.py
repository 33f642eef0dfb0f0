"""`click-or-llm annotate` as a user meets it: with a real, if tiny, model on this machine."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import CommandLine
from scripted import ScriptedJudge
from serving.tiny_model import write_tiny_model

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judgments import read_judgments
from benchmark.labels.llm.methods.registry import METHODS
from benchmark.labels.llm.selection.registry import STRATEGIES

Command = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture
def command(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs the command in a folder; gives the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)

    def annotate(*arguments: str) -> tuple[int, str]:
        ended = cli("annotate", *arguments)
        return ended.code, ended.words

    return annotate


def test_a_dry_run_says_what_it_would_take_and_a_run_takes_that(command: Command, model: Path, tmp_path: Path) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--dtype", "float32", "--budget", "3")
    code, told = command(*ask, "--dry-run", "--price-in", "2")
    assert code == 0
    assert re.search(r"3 lists of 60 documents; \d+ requests to ask, \d+ in the store; [\d,]+ tokens of prompts", told)
    assert "of the judge's time" in told
    assert not (tmp_path / "judgments").exists()

    code, told = command(*ask)
    assert code == 0
    assert "3 of 3 lists judged; judgments/tiny-query-likelihood.parquet holds 3 lists: 60 ok" in told
    path = tmp_path / "judgments/tiny-query-likelihood.parquet"
    made = read_judgments(path)
    assert (len(made), made.metadata.purpose, made.scale) == (60, "training", "likelihood")
    assert made.metadata.candidates.startswith("insuranceqa 1.0: 3 train questions, selected by draw")
    assert made.metadata.prompt_tokens == pytest.approx(60 * 400, rel=1)
    assert np.isfinite(made.table["value"]).all()

    before = (tmp_path / "replies/replies.jsonl").read_bytes()
    path.unlink()
    code, told = command(*ask)
    assert "0 requests to ask" in told
    assert (tmp_path / "replies/replies.jsonl").read_bytes() == before
    assert read_judgments(path).metadata == made.metadata


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
    """Tokens are those of the lists that are in the file, whatever else was read before the budget ended."""
    ask = ("--method", "query-likelihood", "--judge", str(model), "--budget", "5", "--out", "x.parquet")
    code, told = command(*ask, "--max-tokens", "2")
    assert (code, "the budget ended before a list was finished" in told) == (2, True)
    assert len((tmp_path / "replies/replies.jsonl").read_text().splitlines()) == 1
    five = int(re.findall(r"([\d,]+) tokens of prompts", told)[-1].replace(",", ""))
    code, told = command(*ask, "--max-tokens", str(five // 4))  # the judge is not timed again
    assert code == 0
    assert "1 of 5 lists judged, ended by --max-tokens: the same command goes on; x.parquet holds 1 lists" in told
    code, told = command(*ask)
    assert "4 of 4 lists judged; x.parquet holds 5 lists: 100 ok" in told
    rounds = read_judgments(tmp_path / "x.parquet").metadata
    (tmp_path / "x.parquet").unlink()
    assert command(*ask)[0] == 0
    once = read_judgments(tmp_path / "x.parquet").metadata
    assert (once.rows_sha256, once.prompt_tokens, once.statuses) == (
        rounds.rows_sha256,
        rounds.prompt_tokens,
        rounds.statuses,
    )


def test_a_round_that_a_limit_ended_says_how_it_goes_on(command: Command, model: Path, tmp_path: Path) -> None:
    """The same command would begin another round of three."""
    path = "x.parquet"
    ask = ("--method", "query-likelihood", "--judge", str(model), "--out", path)
    assert command(*ask, "--budget", "1")[0] == 0
    more = (*ask, "--so-far", path, "--select", "random")
    three = int(
        re.findall(r"([\d,]+) tokens of prompts", command(*more, "--budget", "3", "--dry-run")[1])[-1].replace(",", "")
    )
    code, told = command(*more, "--budget", "3", "--max-tokens", str(three // 2))
    assert code == 0 and "1 of 3 lists judged, ended by --max-tokens: --budget 2 goes on; x.parquet holds 2" in told
    assert "x.parquet holds 4 lists" in command(*more, "--budget", "2")[1]


def test_a_file_grows_and_what_it_holds_is_not_asked_again(command: Command, model: Path, tmp_path: Path) -> None:
    """Also where the replies that it was made from are gone."""
    ask = ("--method", "query-likelihood", "--judge", str(model), "--dtype", "float32")
    path = tmp_path / "judgments/tiny-query-likelihood.parquet"
    assert command(*ask, "--budget", "2")[0] == 0
    first = read_judgments(path)
    shutil.rmtree(tmp_path / "replies")

    code, told = command(*ask, "--budget", "3")
    assert code == 0
    assert "2 of 3 lists are in judgments/tiny-query-likelihood.parquet already" in told
    assert len((tmp_path / "replies/replies.jsonl").read_text().splitlines()) == 20
    grown = read_judgments(path)
    old = grown.table["qid"].isin(first.table["qid"]).to_numpy()
    pd.testing.assert_frame_equal(grown.table[old].reset_index(drop=True), first.table)
    assert np.array_equal(grown.log_probabilities[old], first.log_probabilities)
    assert grown.metadata.candidates.endswith(
        "whole lists; insuranceqa 1.0: 1 train questions, selected by draw, whole lists"
    )

    command(*ask, "--budget", "1", "--so-far", str(path), "--select", "random")
    assert read_judgments(path).metadata.lists == 4
    before = path.read_bytes()
    code, told = command(*ask, "--budget", "1")
    assert (code, path.read_bytes() == before) == (0, True)
    assert "1 of 1 lists are in judgments/tiny-query-likelihood.parquet already" in told

    whole = tmp_path / "whole.parquet"
    assert command(*ask, "--budget", "3", "--out", str(whole))[0] == 0
    assert read_judgments(whole).metadata.rows_sha256 == grown.metadata.rows_sha256
    assert read_judgments(whole).metadata.prompt_tokens == grown.metadata.prompt_tokens


OTHERS = [
    (("--language", "zh"), "prompts: are query-likelihood-zh-v2, they were query-likelihood-v2"),
    (("--dtype", "bfloat16"), "model: is tiny bfloat16"),
    (("--split", "dev"), "purpose: is agreement, it was training"),
    (("--method", "document-quality"), "method: is document-quality, it was query-likelihood"),
]


def test_judgments_made_otherwise_are_not_lost(command: Command, model: Path, tmp_path: Path) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--dtype", "float32", "--budget", "1")
    assert command(*ask, "--out", "x.parquet")[0] == 0
    first = (tmp_path / "x.parquet").read_bytes()
    for other, reason in OTHERS:
        for dry in ((), ("--dry-run",)):
            code, told = command(*ask, "--out", "x.parquet", *other, *dry)
            assert (code, (tmp_path / "x.parquet").read_bytes() == first) == (2, True)
            assert f"x.parquet: holds other judgments ({reason}" in told
            assert "name another file with --out" in told
    code, told = command(*ask[:2], "--judge", str(model), "--language", "zh", "--out", "x.parquet")
    assert (code, "x.parquet: holds other judgments (prompts: " in told) == (2, True)


MISTAKES = [
    (("--method", "graded-7"), "method 'graded-7' is unknown; did you mean graded-"),
    (("--method", "yes-no", "--setting", "window=3"), "method yes-no has no setting 'window'"),
    (("--method", "yes-no", "--setting", "window"), "setting 'window': write NAME=VALUE"),
    (("--method", "yes-no", "--out", "x.csv"), "out x.csv: must end in .parquet"),
    (("--method", "yes-no", "--judge", "nowhere.gguf"), "judge nowhere.gguf: no such model file"),
    (("--method", "yes-no", "--judge", "gpt-4o"), "or an endpoint's URL, http://... with --model NAME"),
    (("--method", "yes-no", "--judge", "localhost:8000/v1"), "or an endpoint's URL, http://... with --model NAME"),
    (("--method", "yes-no", "--judge", "."), "judge .: no such model file or folder of replies"),
    (("--method", "graded-demonstrations"), "give it a file of demonstrations (JSON lines), or training:N"),
    (("--method", "graded-demonstrations", "--setting", "pool=training:0"), "2 to 6579 can"),
    (("--method", "yes-no", "--judge", "http://localhost:1/v1"), "name the model that it serves: --model NAME"),
    (("--method", "yes-no", "--task", "insurance"), "task insurance: there is no such task; did you mean insuranceqa"),
    (("--method", "yes-no", "--language", "fr"), "method yes-no has no prompt in language 'fr'"),
    (("--method", "yes-no", "--select", "newest"), "selection strategy 'newest' does not exist"),
    (("--method", "yes-no", "--so-far", "none.parquet"), "none.parquet: there is no such file; check the path"),
    (("--method", "yes-no", "--max-cost", "0"), "budget cost 0: must be above 0"),
    (("--method", "yes-no", "--max-cost", "5"), "max-cost: nothing costs anything without prices; give --price-in or"),
    (("--method", "yes-no", "--price-in", "inf"), "price-in inf: must be a finite number"),
    (("--method", "yes-no", "--price-out", "inf"), "price-out inf: must be a finite number"),
    (("--method", "pairwise", "--setting", "opponents=two"), "setting opponents is 'two'; give a whole number"),
    (("--method", "pairwise", "--setting", "opponents=true"), "setting opponents is True; give a whole number"),
    (("--method", "yes-no", "--extra-body", "[1]"), "extra-body '[1]': must be a JSON object, such as"),
    (("--method", "yes-no", "--extra-body", '{"top_p": NaN}'), "must be a JSON object, such as"),
    (("--method", "yes-no", "--extra-body", '{"top_p": 1e999}'), "must be a JSON object, such as"),
    (("--method", "yes-no", "--extra-body", "{"), "extra-body '{': must be a JSON object, such as"),
    (("--method", "direct-ranking", "--setting", "window=2.5"), "setting window is 2.5; give a whole number"),
    (("--method", "listwise-selection", "--setting", "shuffle=False"), "shuffle is 'False'; give true or false"),
    (("--method", "yes-no", "--setting", "prompt=2"), "setting prompt is 2; give a text"),
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


@pytest.mark.parametrize("option", ["--out", "--store"])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_asked(
    command: Command, model: Path, tmp_path: Path, option: str
) -> None:
    (tmp_path / "taken").write_text("mine")
    code, told = command("--method", "query-likelihood", "--judge", str(model), option, "taken/x.parquet")
    assert code == 2 and told.startswith("error: ") and "taken" in told
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_the_prompt_of_a_file_that_grows_is_told(command: Command, model: Path) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--budget", "1", "--out", "x.parquet")
    assert command(*ask, "--language", "zh", "--setting", "prompt=query-likelihood-zh-v1")[0] == 0
    assert "or ask as before with --setting prompt=query-likelihood-zh-v1" in command(*ask, "--language", "zh")[1]


def test_a_store_that_is_a_file_is_one_line(command: Command, model: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    code, told = command("--method", "yes-no", "--judge", str(model), "--store", "taken")
    assert (code, "error: taken: is no folder" in told) == (2, True)
    assert (tmp_path / "taken").read_text() == "mine"


def test_whoever_has_the_replies_needs_no_model(command: Command, model: Path, tmp_path: Path) -> None:
    ask = ("--method", "query-likelihood", "--budget", "2")
    assert command(*ask, "--judge", str(model), "--out", "x.parquet")[0] == 0
    shutil.move(tmp_path / "replies", tmp_path / "theirs")
    code, told = command(*ask, "--judge", "theirs", "--out", "y.parquet")
    assert (code, "2 of 2 lists judged" in told) == (0, True)
    assert ": 2 lists of 40 documents; 40 replies, nothing is asked " in told
    made, replayed = (read_judgments(tmp_path / name).metadata for name in ("x.parquet", "y.parquet"))
    assert (made.rows_sha256, made.model, made.seconds) == (replayed.rows_sha256, replayed.model, replayed.seconds)
    code, told = command("--method", "query-likelihood", "--budget", "3", "--judge", "theirs", "--out", "z.parquet")
    assert (code, "theirs: holds all replies about 2 of 3 lists; for the others name the model" in told) == (0, True)
    assert read_judgments(tmp_path / "z.parquet").metadata.rows_sha256 == made.rows_sha256
    code, told = command("--method", "yes-no", "--budget", "3", "--judge", "theirs", "--out", "none.parquet")
    assert (code, "error: theirs: holds all replies about 0 of 3 lists; name the model itself" in told) == (2, True)
    assert not (tmp_path / "none.parquet").exists()
    code, told = command(*ask, "--judge", "theirs", "--model", "other", "--out", "z.parquet")
    assert (code, "judge theirs: replies of tiny float32; name one of them with --model" in told) == (2, True)
    code, told = command("--method", "query-likelihood", "--budget", "3", "--judge", "theirs", "--out", "z.parquet")
    assert (code, "theirs: holds all replies about 0 of 1 lists that are not in it" in told) == (0, True)
    shutil.move(tmp_path / "theirs", tmp_path / "replies")
    assert command(*ask, "--judge", str(model), "--dtype", "bfloat16", "--out", "half.parquet")[0] == 0
    shutil.move(tmp_path / "replies", tmp_path / "theirs")
    for dtype, name in (("float32", "x"), ("bfloat16", "half")):
        assert command(*ask, "--judge", "theirs", "--dtype", dtype, "--out", f"{dtype}.parquet")[0] == 0
        one, other = (read_judgments(tmp_path / f"{which}.parquet").metadata for which in (name, dtype))
        assert (one.rows_sha256, one.model) == (other.rows_sha256, other.model)


def test_a_lost_model_file_is_written_again_when_the_model_is_asked(
    command: Command, model: Path, tmp_path: Path
) -> None:
    ask = ("--method", "query-likelihood", "--budget", "1")
    assert command(*ask, "--judge", str(model), "--out", "x.parquet")[0] == 0
    (file,) = (tmp_path / "replies" / "models").iterdir()
    replay = (*ask, "--judge", "replies", "--store", "mine", "--out", "y.parquet")
    file.write_text("{")
    code, told = command(*replay)
    assert (code, "describes no model" in told, "remove it, and ask the model itself again" in told) == (2, True, True)
    file.unlink()
    code, told = command(*replay)
    assert (code, "no file in models says which model gave its replies; ask that model again" in told) == (2, True)
    code, told = command(*ask, "--judge", str(model), "--out", "again.parquet")
    assert (code, "0 requests to ask, 20 in the store" in told) == (0, True)
    assert command(*replay)[0] == 0
    made, replayed = (read_judgments(tmp_path / name) for name in ("x.parquet", "y.parquet"))
    assert made.metadata.rows_sha256 == replayed.metadata.rows_sha256
    assert replayed.metadata.model.processor == ""  # what it ran on went with the file


def test_one_name_at_two_addresses_is_chosen_by_the_address_and_by_what_was_sent(
    command: Command, model: Path, tmp_path: Path
) -> None:
    ask = ("--method", "query-likelihood", "--budget", "1")
    assert command(*ask, "--judge", str(model), "--out", "x.parquet")[0] == 0
    (file,) = (tmp_path / "replies" / "models").iterdir()
    told = json.loads(file.read_text())
    for address, extra in (("http://one/v1", {}), ("http://two/v1", {}), ("http://two/v1", {"temperature": None})):
        service = told | {"dtype": "", "served_by": address, "extra": extra}
        (file.parent / f"{address[7:10]}{len(extra)}.json").write_text(json.dumps(service))
    file.unlink()
    replay = (*ask, "--judge", "replies", "--store", "mine", "--out", "y.parquet", "--model")
    code, told = command(*replay, "tiny")
    names = "tiny@http://one/v1", "tiny@http://two/v1", 'tiny@http://two/v1 {"temperature": null}'
    assert (code, f"replies of {', '.join(names)}; name one of them" in told) == (2, True)
    for name in names:
        code, told = command(*replay, name)
        assert (code, "holds all replies about 0 of 1 lists" in told) == (2, True)  # both are part of each reply's


def test_a_budget_that_a_file_has_no_room_for_is_told(command: Command, model: Path, tmp_path: Path) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--out", "x.parquet")
    assert command(*ask, "--budget", "2")[0] == 0
    before = (tmp_path / "x.parquet").read_bytes()
    code, told = command(*ask, "--budget", "2", "--select", "tail-first")
    assert (code, (tmp_path / "x.parquet").read_bytes() == before) == (0, True)
    assert "x.parquet holds 2 lists of the split: 0 of 2 others fit the budget of 2" in told
    assert "already" not in told
    for split in ("dev", "test"):  # each with its own budget
        assert command(*ask[:-1], "held.parquet", "--budget", "2", "--split", split)[0] == 0
    assert read_judgments(tmp_path / "held.parquet").metadata.lists == 4


def test_the_file_says_what_chose_its_lists(command: Command, model: Path) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--out", "x.parquet", "--budget")
    for lists, strategy, chosen in (("1", "draw", ()), ("2", "click-sparsity", ("log",)), ("1", "draw", ("log",))):
        more = ("--so-far", "x.parquet") if lists == "1" and chosen else ()
        assert command(*ask, lists, "--select", strategy, *more)[0] == 0
        assert read_judgments(Path("x.parquet")).metadata.chosen_by == chosen


def test_a_round_goes_on_after_a_death_between_two_writes(command: Command, model: Path, tmp_path: Path) -> None:
    ask = ("--method", "query-likelihood", "--judge", str(model), "--out", "x.parquet")
    assert command(*ask, "--budget", "2")[0] == 0
    old = (tmp_path / "x.json").read_text()
    assert command(*ask, "--budget", "3")[0] == 0
    (tmp_path / "x.json").write_text(old)
    assert command(*ask, "--budget", "1", "--so-far", "x.parquet", "--select", "random")[0] == 0
    assert read_judgments(tmp_path / "x.parquet").metadata.lists == 4


def test_what_happens_while_a_judge_answers(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while it is timed, it says what is kept; what another process adds to the file meanwhile is kept, too."""

    class Eventful(ScriptedJudge):
        def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
            for number, answer in enumerate(super().answer(requests)):
                if number == 5:
                    event()
                yield answer

    def stop() -> None:
        raise KeyboardInterrupt

    def grow() -> None:
        for kind in ("json", "parquet"):
            shutil.copy(tmp_path / f"theirs.{kind}", tmp_path / f"x[old].{kind}")

    judge = Eventful(name="scripted[/m]")  # brackets are told as they are
    monkeypatch.setattr("benchmark.labels.llm.judges.open.open_judge", lambda *_, **__: judge)
    ask = ("--method", "graded-3", "--budget", "1", "--out", "x[old].parquet")
    event = stop
    told = "interrupted: replies so far are in replies; the same command goes on"
    assert command(*ask) == (130, told)
    event = bool
    assert command(*ask[:-1], "theirs.parquet", "--select", "tail-first")[0] == 0
    event = grow
    code, told = command(*ask)
    assert (code, told.count("scripted[/m]")) == (0, 2)
    assert "1 of 1 lists judged; x[old].parquet holds 2 lists" in told
    assert read_judgments(tmp_path / "x[old].parquet").metadata.lists == 2


def test_a_cost_is_told_only_of_prices(command: Command, model: Path) -> None:
    dry = ("--method", "query-likelihood", "--budget", "1", "--dry-run")
    assert "cost" not in command(*dry, "--judge", str(model))[1]
    dry = ("--method", "yes-no", "--budget", "1", "--dry-run", "--judge", "http://localhost:1/v1", "--model", "m")
    assert command(*dry)[1].endswith("; cost unknown: no prices given")
    assert re.search(r" about [\d,]+ tokens .*; cost about 0\.\d\d$", command(*dry, "--price-in", "2")[1])


def test_what_an_endpoint_cannot_be_asked_is_told_by_a_dry_run(command: Command) -> None:
    ask = ("--method", "direct-ranking", "--judge", "http://localhost:1/v1", "--model", "m", "--budget", "1")
    code, told = command(*ask, "--dry-run")
    assert (code, "let it write (for direct-ranking: --setting answer=written)" in told) == (2, True)


def test_a_larger_budget_is_kept_whatever_the_strategy(command: Command, model: Path, tmp_path: Path) -> None:
    """Clusters of five questions are others than those of three."""
    ask = ("--method", "query-likelihood", "--judge", str(model), "--select", "diversity", "--out", "x.parquet")
    for budget in ("3", "5", "4"):
        assert command(*ask, "--budget", budget)[0] == 0
    assert read_judgments(tmp_path / "x.parquet").metadata.lists == 5


def test_help_names_every_method_and_strategy_and_where_the_file_goes(command: Command) -> None:
    shown = "".join(letter for letter in command("--help")[1] if letter not in "│ ")
    for named in (*METHODS, *STRATEGIES, "(default:MODEL-METHOD.parquetinjudgments)"):
        assert named in shown
