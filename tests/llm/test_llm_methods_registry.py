"""What is true of every method that has a name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from scripted import WRITTEN, ScriptedJudge

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.methods.pool import Demonstration
from benchmark.labels.llm.methods.registry import METHODS, method_named, settings_of
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.drive import driven
from benchmark.labels.llm.runner.run import annotate

RANKED = RankedList("q1", "who pays?", ("d1", "d2", "d3"), ("one", "two", "three"))
POOL = tuple(Demonstration(question=f"who asks {grade}?", document=str(grade), grade=grade) for grade in range(4))
WAYS = [*((name, {}) for name in METHODS), *WRITTEN.items()]


def made(name: str, **settings: object) -> Method:
    return method_named(name, **settings, **({"pool": POOL} if "pool" in settings_of(name) else {}))


def understood(request: Request) -> Reply:
    """An answer after which every method has its next step."""
    told = {"choose": tuple(-1.0 for _ in request.answers), "score": (-1.0, 1.0), "write": None}
    return Reply("ok", "[1]", told[request.kind])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("name", "settings"), WAYS)
def test_a_method_fills_its_prompts_in_both_languages(name: str, settings: dict[str, str], language: str) -> None:
    method = made(name, language=language, **settings)
    assert method.name == name
    assert {prompt.language for prompt in method.prompts} == {language}
    asked = [request for step in driven(method, RANKED, understood) for request in step]
    assert asked
    for request in asked:
        prompt = request.system + request.shared + request.own
        assert bool(re.search("[\u4e00-\u9fff]", prompt)) == (language == "zh")
        assert "{" not in prompt


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("name", "settings"), WAYS)
def test_a_method_is_asked_for_by_the_names_of_its_prompts(name: str, settings: dict[str, str], language: str) -> None:
    method = made(name, language=language, **settings)
    again = made(name, prompt=",".join(prompt.name for prompt in reversed(method.prompts)), **settings)
    assert again.prompts == method.prompts
    assert again.settings == method.settings


class Says(ScriptedJudge):
    """The same reply to everything."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        return ((index, self.reply) for index in range(len(requests)))


BAD = [
    (Reply("ok", "I'm sorry, I cannot help with that."), "refused"),
    (Reply("refused", detail="content filter"), "refused"),
    (Reply("truncated", "[1]"), "truncated"),
    (Reply("failed", detail="no answer"), "failed"),
    (Reply("ok", ""), "unparsable"),
    (Reply("ok", "Passages 1 to 3 look good, I think"), "unparsable"),
    (Reply("ok", "[1], [9]"), "unparsable"),
    (Reply("ok", "[2], [2]"), "unparsable"),
]


@pytest.mark.parametrize(("reply", "status"), BAD, ids=[f"{status}-{number}" for number, (_, status) in enumerate(BAD)])
@pytest.mark.parametrize(("name", "settings"), WAYS)
def test_a_bad_answer_is_that_for_every_document_and_never_a_label(
    name: str, settings: dict[str, str], reply: Reply, status: str, tmp_path: Path
) -> None:
    if name == "query-likelihood" and reply.status == "ok":
        status = "unparsable"  # what is written is never what was asked for
    judgments = annotate([RANKED], made(name, **settings), Says(reply), ReplyStore(tmp_path)).judgments
    assert {docno for one in judgments for docno in (one.docno, one.other) if docno} == set(RANKED.docnos)
    assert {judgment.status for judgment in judgments} == {status}
    assert all(math.isnan(judgment.value) for judgment in judgments)
