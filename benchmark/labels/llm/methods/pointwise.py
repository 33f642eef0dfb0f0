"""What all methods share that ask about one document at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Kind, Reply
from benchmark.labels.llm.judgments.judgment import Scale
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.one_prompt import OnePrompt
from benchmark.labels.llm.methods.read import Read


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
        """One request for each document, all at once; a reply that is not ok keeps its status."""
        texts = self.texts(ranked)
        replies = yield [
            self.prompt.request(self.kind, texts | {"document": self.prompt.document(text)}) for text in ranked.texts
        ]
        said = [self.read(reply) if reply.status == "ok" else Read(reply.status) for reply in replies]
        return [one.of(ranked.qid, docno) for docno, one in zip(ranked.docnos, said, strict=True)]

    def texts(self, ranked: RankedList) -> dict[str, str]:
        """What stands in the prompt beside the document: the question."""
        return {"question": self.prompt.question(ranked.question)}
