"""Judgments as a judge: what is shipped is given again, to whoever asks as it was asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import CommandLine
from made import write
from scripted import ScriptedJudge

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.shipped import shipped_judge
from benchmark.labels.llm.judgments import PromptUsed, read_judgments
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.methods.method import RankedList
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.run import annotate
from benchmark.tasks.insuranceqa.shipped import JUDGMENTS

Command = Callable[..., tuple[int, str]]
RANKED = RankedList("q1", "who pays?", ("a", "b", "c", "d"), ("one", "two", "three", "four"))


@pytest.fixture
def command(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)

    def annotate(*arguments: str) -> tuple[int, str]:
        ended = cli("annotate", *arguments)
        return ended.code, ended.out + ended.err

    return annotate


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("qwen2.5-coder-1.5b-yes-no", ("--method", "yes-no", "--setting", "prompt=yes-no-v1")),
        ("smollm2-135m-query-likelihood", ("--method", "query-likelihood")),
        ("qwen2.5-coder-1.5b-graded-3", ("--method", "graded-3")),
    ],
)
def test_what_is_shipped_is_given_again_without_a_model(command: Command, tmp_path: Path, name: str, more) -> None:  # type: ignore[no-untyped-def]
    code, told = command("--judge", name, "--budget", "30", "--out", "x.parquet", *more)
    assert (code, "nothing is asked" in told) == (0, True)
    made, shipped = read_judgments(tmp_path / "x.parquet"), read_judgments(JUDGMENTS / f"{name}.parquet")
    assert [path.name for path in tmp_path.iterdir() if path.suffix not in (".parquet", ".json")] == [], "no replies"
    assert made.metadata.lists == 30 and made.metadata.model == shipped.metadata.model
    whole = shipped.table.set_index(["qid", "docno"])
    rows = whole.index.get_indexer(made.table.set_index(["qid", "docno"]).index)
    np.testing.assert_allclose(made.table["value"], shipped.table["value"].iloc[rows], atol=2e-5)
    np.testing.assert_array_equal(made.log_probabilities, shipped.log_probabilities[rows])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("qwen2.5-coder-1.5b-yes-no", "yes-no"), "prompts: are yes-no-v2, they were yes-no-v1; ask as it was asked"),
        (("qwen2.5-coder-1.5b-yes-no", "graded-3"), "method: is graded-3, it was yes-no; ask as it was asked"),
        (("qwen2.5-coder-1.5b-utility", "utility"), "only judgments of one document at a time can be given again"),
        (("qwen2.5-coder-1.5b-yess", "yes-no"), "no such model file or folder of replies"),
        (("none.parquet", "yes-no"), "none.parquet"),
    ],
)
def test_what_cannot_be_given_again_is_one_line(command: Command, tmp_path: Path, arguments, reason: str) -> None:  # type: ignore[no-untyped-def]
    code, told = command("--judge", arguments[0], "--method", arguments[1], "--budget", "1")
    assert (code, reason in told, told.count("\n")) == (2, True, 1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "values"), [("yes-no", (1.0, 0.0)), ("graded-3", (3.0, 0.0))])
def test_words_refusals_and_what_was_not_understood_come_again(
    tmp_path: Path, name: str, values: tuple[float, float]
) -> None:
    method = method_named(name)
    said = [
        Judgment("q1", "a", "ok", values[0]),
        Judgment("q1", "b", "ok", values[1]),
        Judgment("q1", "c", "unparsable"),
        Judgment("q1", "d", "refused"),
    ]
    prompts = {prompt.name: PromptUsed(sha256=prompt.sha256, language="en") for prompt in method.prompts}
    told = {"method": name, "prompts": prompts, "settings": method.settings, "model": ScriptedJudge().model}
    stored = write(tmp_path / "x.parquet", said, method.scale, **told)
    judge = shipped_judge("x", stored, method, [RANKED])
    assert annotate([RANKED], method, judge, ReplyStore(tmp_path / "store")).judgments == said
    other = RankedList("q2", "who else?", RANKED.docnos, RANKED.texts)
    with pytest.raises(DataError, match="x: scripted never answered this"):
        annotate([other], method, judge, ReplyStore(tmp_path / "store"))
    with pytest.raises(ConfigurationError, match="judge x: method: is document-quality"):
        shipped_judge("x", stored, method_named("document-quality"), [RANKED])
