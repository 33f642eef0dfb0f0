"""What an annotation method is: from a ranked list to requests, from replies to judgments."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from benchmark.labels.llm.judges.judge import Reply, Request

Status = Literal["ok", "refused", "unparsable", "truncated", "failed"]
Scale = Literal["yes-no", "likelihood", "grade", "selection", "rank", "preference"]
Steps = Generator[Sequence[Request], Sequence[Reply], list["Judgment"]]
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


@dataclass(frozen=True)
class Judgment:
    """What a judge said of one document of one list (or, of a `preference`, of `docno` against `other`).

    `value` by the method's scale: yes-no P(yes) / (P(yes) + P(no)); likelihood log P(question | document); grade
    0, 1, ...; selection 1 or 0; rank 1, 2, ... from the best; preference 1 for `docno`, 0 for `other`, 0.5 for a tie.
    NaN unless `status` is `ok`. `log_probabilities` of the method's answers, where the judge gave them (of likelihood:
    the sum and the number of tokens). `position`: where the document stood in the prompt, from 1; `order`: which
    permutation of the list it was shown in, from 0.
    """

    qid: str
    docno: str
    status: Status
    value: float = math.nan
    other: str = ""
    position: int = 1
    order: int = 0
    log_probabilities: tuple[float, ...] = ()


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
    def prompts(self) -> Mapping[str, str]:
        """SHA-256 of each prompt file that it uses, by the prompt's name."""
        ...

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """Everything else that its requests depend on: seed, permutations, window, ..."""
        ...

    def steps(self, ranked: RankedList) -> Steps:
        """Judge one list; see `Steps`."""
        ...
