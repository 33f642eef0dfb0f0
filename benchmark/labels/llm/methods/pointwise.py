"""What all methods share that ask about one document at a time."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Kind, Reply, Request
from benchmark.labels.llm.judgments.judgment import Judgment, Scale, Status
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.one_prompt import OnePrompt
from benchmark.labels.llm.parsing import refused
from benchmark.labels.llm.prompts import Prompt, load_prompt, newest_prompt


class Read(NamedTuple):
    """What a reply says of one document; `value` is NaN unless `status` is ok."""

    status: Status
    value: float = math.nan
    log_probabilities: tuple[float, ...] = ()


@dataclass(frozen=True)
class Pointwise(OnePrompt, ABC):
    """A method of one prompt and one request for each document; what a reply says is `read` by the method.

    The document stands first (`shared`), the question after it (`own`), so that a document is read once for all of its
    questions.
    """

    scale: ClassVar[Scale]
    kind: ClassVar[Kind] = "choose"

    def __post_init__(self) -> None:
        if problem := self._problem():
            raise ConfigurationError(f"prompt {self.prompt.name}: {problem}; use another prompt")

    @abstractmethod
    def read(self, reply: Reply) -> Read:
        """What a reply says whose status is ok."""

    @abstractmethod
    def _problem(self) -> str:
        """Why the prompt does not fit the method, or nothing."""

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """None: the prompt says it all."""
        return {}

    def steps(self, ranked: RankedList) -> Steps:
        """One request for each document, all at once."""
        texts = {"question": self.prompt.question(ranked.question)}
        requests = [
            self.prompt.request(self.kind, texts | {"document": self.prompt.document(text)}) for text in ranked.texts
        ]
        return ask_each(ranked, requests, self.read)


def prompt_for(method: str, language: str, name: str | None) -> Prompt:
    """The prompt called `name`, which must be one of the method's; without a name the newest in the language."""
    return newest_prompt(method, language) if name is None else load_prompt(name, method)


def ask_each(ranked: RankedList, requests: Sequence[Request], read: Callable[[Reply], Read]) -> Steps:
    """The requests, one for each document of the list; a reply that is not ok keeps its status."""
    replies = yield requests
    said = [read(reply) if reply.status == "ok" else Read(reply.status) for reply in replies]
    return [
        Judgment(ranked.qid, docno, one.status, one.value, log_probabilities=one.log_probabilities)
        for docno, one in zip(ranked.docnos, said, strict=True)
    ]


def unreadable(text: str) -> Read:
    """What an answer says that cannot be parsed: nothing, but whether it was a refusal."""
    return Read("refused" if refused(text) else "unparsable")
