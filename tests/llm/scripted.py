"""A judge whose answers are a function of what it is asked, methods that ask in known ways, and lists."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.prompts import Prompt

PROMPT = Prompt(name="one-v1", version=1, method="one-step", language="en", shared="{document}", own="{question}")
"""No file holds it."""
WRITTEN = {"listwise-graded-3": {"answer": "written"}, "direct-ranking": {"answer": "written"}}
"""Settings of the methods that can be answered without writing, for what is about written answers."""


def grade_of(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 4


@dataclass
class ScriptedJudge:
    """Answers in an order of its own; `asked` counts every request; `fail` says which fail; it may die on the way."""

    fail: Callable[[Request], bool] = lambda request: False
    dies_after: int | None = None
    name: str = "scripted"
    asked: list[Request] = field(default_factory=list)

    @property
    def model(self) -> Model:
        return Model(name=self.name)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        order = list(range(len(requests)))
        random.Random(7).shuffle(order)
        for index in order:
            if self.dies_after is not None and len(self.asked) >= self.dies_after:
                raise ConnectionError("the server is gone")
            request = requests[index]
            self.asked.append(request)
            if self.fail(request):
                yield index, Reply("failed", detail="no answer")
            else:
                text = str(grade_of(request.shared + request.own))
                yield index, Reply("ok", text, prompt_tokens=10, completion_tokens=1, seconds=0.5, cost=0.25)

    def check(self, requests: Iterable[Request]) -> None:
        """All can be answered."""

    def tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


@dataclass(frozen=True)
class OneStep:
    """One request for each document."""

    name = "one-step"
    scale = "grade"
    prompts = (PROMPT,)
    settings = {}  # noqa: RUF012

    def steps(self, ranked: RankedList) -> Steps:
        replies = yield [Request("write", text, ranked.question) for text in ranked.texts]
        return [
            Judgment(ranked.qid, docno, reply.status, float(reply.text or "nan"))
            for docno, reply in zip(ranked.docnos, replies, strict=True)
        ]


@dataclass(frozen=True)
class TwoSteps(OneStep):
    """Each document, then the best of them against the question, with what was said before in the prompt."""

    name = "two-steps"

    def steps(self, ranked: RankedList) -> Steps:
        first = yield [Request("write", text, ranked.question) for text in ranked.texts]
        said = "".join(reply.text or "-" for reply in first)
        second = yield [Request("write", said, text) for text in ranked.texts]
        return [
            Judgment(ranked.qid, docno, reply.status, float(reply.text or "nan"))
            for docno, reply in zip(ranked.docnos, second, strict=True)
        ]


def lists(count: int, size: int = 3, documents: int = 7) -> list[RankedList]:
    """Lists that share documents."""
    return [
        RankedList(
            f"q{number}",
            f"question {number}",
            tuple(f"d{(number + place) % documents}" for place in range(size)),
            tuple(f"document {(number + place) % documents}" for place in range(size)),
        )
        for number in range(count)
    ]
