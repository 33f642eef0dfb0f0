"""Pairwise: which of two passages answers the question better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.errors import ConfigurationError
from benchmark.hashing import seeded_hash
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.one_prompt import OnePrompt
from benchmark.labels.llm.methods.read import unclear
from benchmark.labels.llm.parsing import parse_preference
from benchmark.labels.llm.prompts.load import prompt_for


@dataclass(frozen=True)
class Pairwise(OnePrompt):
    """Each pair is asked about in both orders, (a, b) and (b, a); p is the preference for its first document, a.

    p = sigmoid((l_ab - l_ba) / 2), l = log P(A) - log P(B) the log-odds in an order: what a judge adds to the first
    place, whatever stands there, cancels. The log-probabilities of both orders, (log P(A), log P(B)) twice, tell
    whether it was consistent: l_ab and l_ba are of different signs. Where the judge tells none, each order is a
    judgment of its own (`order` 0 and 1, `position` 1 and 2) whose word counts as 1, 0 or 0.5, and p is their mean: a
    judge that names the same place both times has no preference, and both judgments tell of it. Both orders: Qin et
    al., Large Language Models are Effective Text Rankers with Pairwise Ranking Prompting, arXiv 2306.17563.

    The documents of a list are put in a seeded circle, and each is compared with the next `opponents`: every document
    is in as many pairs, and every two are linked by a chain of comparisons.
    """

    opponents: int = 2
    seed: int = 0
    scale: Scale = "preference"

    def __post_init__(self) -> None:
        if self.opponents < 1:
            raise ConfigurationError(f"opponents is {self.opponents}; give 1 or more")
        if len(self.prompt.answers) != 2:
            raise ConfigurationError(f"prompt {self.prompt.name}: does not have two answers; use another prompt")

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """Which pairs."""
        return {"opponents": self.opponents, "seed": self.seed}

    def steps(self, ranked: RankedList) -> Steps:
        """Both orders of all pairs at once."""
        pairs = self.pairs(ranked)
        replies = yield [
            self._request(ranked, *order) for one, other in pairs for order in ((one, other), (other, one))
        ]
        return [
            judgment
            for pair, first, second in zip(pairs, replies[::2], replies[1::2], strict=True)
            for judgment in self._judged(ranked, pair, first, second)
        ]

    def pairs(self, ranked: RankedList) -> list[tuple[int, int]]:
        """Places of the documents that are compared."""
        size = len(ranked.docnos)
        circle = sorted(range(size), key=lambda place: seeded_hash(self.seed, ranked.qid, ranked.docnos[place]))
        found: dict[frozenset[int], tuple[int, int]] = {}
        for step in range(1, min(self.opponents, size // 2) + 1):
            for at in range(size):
                one, other = circle[at], circle[(at + step) % size]
                if one != other:
                    found.setdefault(frozenset((one, other)), (one, other))
        return list(found.values())

    def _request(self, ranked: RankedList, first: int, second: int) -> Request:
        texts = {
            "question": self.prompt.question(ranked.question),
            "first": self.prompt.document(ranked.texts[first]),
            "second": self.prompt.document(ranked.texts[second]),
        }
        return self.prompt.request("choose", texts)

    def _judged(self, ranked: RankedList, pair: tuple[int, int], first: Reply, second: Reply) -> list[Judgment]:
        one, other = (ranked.docnos[place] for place in pair)
        said = [_first_is_better(reply) for reply in (first, second)]
        for reply, value in zip((first, second), said, strict=True):
            if value is None:
                return [Judgment(ranked.qid, one, unclear(reply), other=other)]
        if first.log_probabilities is not None and second.log_probabilities is not None:
            log_p = (*first.log_probabilities, *second.log_probabilities)
            return [Judgment(ranked.qid, one, "ok", preference(log_p), other=other, log_probabilities=log_p)]
        forward, backward = (value for value in said if value is not None)
        return [
            Judgment(ranked.qid, one, "ok", value, other=other, position=order + 1, order=order)
            for order, value in enumerate((forward, 1 - backward))
        ]


def _first_is_better(reply: Reply) -> float | None:
    """1 or 0, 0.5 for neither, as the judge chose; None where the reply says nothing of it."""
    if reply.status != "ok":
        return None
    if reply.log_probabilities is not None:
        a, b = reply.log_probabilities
        return 0.5 if a == b else float(a > b)
    word = parse_preference(reply.text)
    return None if word is None else {"A": 1.0, "B": 0.0, "tie": 0.5}[word]


def preference(log_p: Sequence[float]) -> float:
    """p of a pair from the log-probabilities of A and B in the one order and in the other."""
    odds = (log_p[0] - log_p[1] - log_p[2] + log_p[3]) / 2
    return 1 / (1 + math.exp(-max(min(odds, 700), -700)))


def pairwise(*, opponents: int = 2, language: str = "en", seed: int = 0, prompt: str | None = None) -> Pairwise:
    """Preferences between pairs of a list's documents; see `Pairwise`."""
    return Pairwise(prompt_for("pairwise", language, prompt), opponents, seed)
