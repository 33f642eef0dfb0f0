"""What an annotation method is: from a ranked list to requests, from replies to judgments."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.prompts import Prompt

Steps = Generator[Sequence[Request], Sequence[Reply], list[Judgment]]
"""Yields requests that may be answered in any order, is sent their replies in the order of the requests, and returns
the judgments. What it yields depends on nothing but the list, the method's settings and the replies, so that it can be
driven again from stored replies."""


@dataclass(frozen=True)
class RankedList:
    """A question and its candidate documents in the order of the first stage, with their texts."""

    qid: str
    question: str
    docnos: tuple[str, ...]
    texts: tuple[str, ...]


class Method(Protocol):
    """One way of asking. A class with these members is a method; it need not derive from this one."""

    @property
    def name(self) -> str:
        """As on the command line, such as `listwise-selection`."""
        ...

    @property
    def scale(self) -> Scale:
        """What the values of its judgments mean."""
        ...

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts of its requests; their hashes are recorded."""
        ...

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """Everything else that its requests depend on: seed, permutations, window, ..."""
        ...

    def steps(self, ranked: RankedList) -> Steps:
        """Judge one list; see `Steps`."""
        ...
