"""What the judge said behind judgments, as a user asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from made import write
from scripted import ScriptedJudge

from benchmark.labels.llm.judgments import Judgments, PromptUsed
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.ranked_lists import ranked_lists
from benchmark.labels.llm.runner.run import annotate
from benchmark.tasks.task import Task


class Chatty(ScriptedJudge):
    """Says something else about one passage in ten, and does not answer about others."""

    def answer(self, requests):  # type: ignore[no-untyped-def]
        """See `ScriptedJudge`."""
        from dataclasses import replace

        for index, reply in super().answer(requests):
            yield index, replace(reply, text="I would say so.") if index % 10 == 3 and reply.text else reply


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replies")


@pytest.fixture(scope="module")
def made(folder: Path, task: Task) -> Judgments:
    method = method_named("graded-3")
    judge = Chatty(fail=lambda request: "annuity" in request.own + request.shared)
    said = annotate(
        list(ranked_lists(task, task.training()))[:4], method, judge, ReplyStore(folder / "store")
    ).judgments
    prompts = {prompt.name: PromptUsed(sha256=prompt.sha256, language="en") for prompt in method.prompts}
    told = {"method": method.name, "prompts": prompts, "settings": method.settings, "model": judge.model}
    return write(folder / "made.parquet", said, method.scale, **told)


@pytest.fixture
def replies_of(cli: CommandLine, made: Judgments, folder: Path) -> Callable[..., tuple[list[dict[str, Any]], str, int]]:
    """Calls the command; gives the replies that it printed, what it said of them, and its exit code."""

    def replies(*more: str) -> tuple[list[dict[str, Any]], str, int]:
        ended = cli("replies", folder / "made.parquet", "--store", folder / "store", *more)
        return [json.loads(line) for line in ended.out.splitlines()], ended.err.strip(), ended.code

    return replies


def test_every_judgment_has_its_raw_answer_and_what_it_took(made: Judgments, replies_of) -> None:  # type: ignore[no-untyped-def]
    replies, told, code = replies_of()
    assert (len(replies), told, code) == (80, "80 replies about 4 lists", 0)
    rows = made.table.set_index(["qid", "docno"])
    for reply in replies:
        row = rows.loc[(reply["qid"], reply["docno"])]
        assert row["status"] == ("unparsable" if reply["text"].startswith("I would") else reply["status"])
        assert row["status"] != "ok" or row["value"] == float(reply["text"])
        assert reply["status"] == "failed" or (reply["seconds"], reply["cost"], reply["prompt_tokens"]) == (
            0.5,
            0.25,
            10,
        )
        assert "prompt" not in reply


def test_those_of_one_status_or_of_one_question(made: Judgments, replies_of) -> None:  # type: ignore[no-untyped-def]
    unparsable = int(made.table["status"].eq("unparsable").sum())
    assert unparsable
    replies, _, _ = replies_of("--status", "unparsable", "--prompts")
    assert [reply["text"] for reply in replies] == ["I would say so."] * unparsable
    assert all("0, 1, 2 or 3" in reply["prompt"] for reply in replies)
    qid = made.table["qid"].iloc[0]
    replies, told, _ = replies_of("--qid", qid)
    assert {reply["qid"] for reply in replies} == {qid} and told == "20 replies about 1 lists"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--status", "fine"), "error: status fine: give one of ok, refused, unparsable, truncated, failed"),
        (("--status", "refused"), "error: status refused: made holds no such judgment"),
        (("--qid", "none"), "error: qid none: made holds no judgment of it"),
        (("--store", "nowhere"), "error: nowhere: holds no reply behind made; name the folder that annotate wrote to"),
    ],
)
def test_what_is_not_there_is_one_line(replies_of, more, reason: str) -> None:  # type: ignore[no-untyped-def]
    replies, told, code = replies_of(*more)
    assert (replies, code) == ([], 2) and told.startswith(reason) and "\n" not in told
