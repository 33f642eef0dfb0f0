"""Models that think before they answer, and services whose address changes."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="openai is not installed")

from scripted import OneStep, lists
from serving.asking import always
from serving.protocol_server import Said, answering, chat, top
from serving.tiny_model import tiny_tokenizer

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.endpoint import EndpointJudge
from benchmark.labels.llm.judges.judge import Reply
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judges.replay import ReplayJudge
from benchmark.labels.llm.judges.template import around
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.replies.address import address
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.run import annotate


@dataclass(frozen=True)
class Whatever(OneStep):
    """Every answer is one."""

    def steps(self, ranked: RankedList) -> Steps:
        """See `OneStep`."""
        with contextlib.suppress(ValueError):
            yield from super().steps(ranked)
        return [Judgment(ranked.qid, docno, "ok", 1.0) for docno in ranked.docnos]


def test_a_service_with_a_name_is_the_same_at_another_address(tmp_path: Path) -> None:
    for turn in range(2):
        with answering(always(chat("fine"))) as server:
            judge = EndpointJudge(server.base_url, "m", served_as="node-vllm")
            annotate(lists(2), Whatever(), judge, ReplyStore(tmp_path))
            assert len(server.asked) == (0 if turn else 6)
    assert judge.model.served_by == "node-vllm"


@pytest.mark.parametrize(
    "said",
    [
        chat("<think>", finish="length", **top(**{"<think>": -0.001, "Yes": -9.0})),
        chat("", finish="length", message={"content": None, "reasoning_content": "Let me think."}),
    ],
)
def test_a_model_that_thinks_and_never_answers_is_not_paid_for_long(tmp_path: Path, said: Said) -> None:
    with answering(always(said)) as server:
        judge = EndpointJudge(server.base_url, "m", concurrency=4)
        with pytest.raises(ConfigurationError, match=r"none of the first 20 replies comes to an answer .*enable_think"):
            annotate(lists(40), Whatever(), judge, ReplyStore(tmp_path))
        assert 20 <= len(server.asked) <= 24
    assert len(ReplyStore(tmp_path)) == len(server.asked)


def test_what_is_replayed_is_paid_for_already_whatever_it_is(tmp_path: Path) -> None:
    model, many = Model(name="m", served_by="http://here/v1"), lists(40, documents=200)
    requests = {request for ranked in many for request in next(Whatever().steps(ranked))}
    replies = {address(model.identity, request): Reply("ok", "<think>") for request in requests}
    done = annotate(many, Whatever(), ReplayJudge(model, "a folder", replies), ReplyStore(tmp_path))
    assert (done.complete, done.spent.replayed) == (True, len(requests)) and len(requests) > 20


def test_thinking_that_ends_in_an_answer_is_paid_for(tmp_path: Path) -> None:
    with answering(always(chat("<think>Hm.</think> 1"))) as server:
        judge = EndpointJudge(server.base_url, "m", concurrency=4)
        assert annotate(lists(20), Whatever(), judge, ReplyStore(tmp_path)).spent.requests == 60


def test_a_template_is_told_that_the_model_does_not_think() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = (
        "{% for turn in messages %}<{{ turn.role }}>{{ turn.content }}</{{ turn.role }}>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>"
        "{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}{% endif %}"
    )
    assert around(tokenizer, "") == ("<user>", "</user><assistant><think></think>")
