"""Pairwise: which of two passages answers the question better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.errors import ConfigurationError
from benchmark.hashing import seeded_hash
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.methods.listwise import unclear
from benchmark.labels.llm.methods.method import Judgment, RankedList, Scale, Steps
from benchmark.labels.llm.methods.one_prompt import OnePrompt
from benchmark.labels.llm.methods.pointwise import prompt_for
from benchmark.labels.llm.parsing import parse_preference


@dataclass(frozen=True)
class Pairwise(OnePrompt):
    """Each pair is asked about in both orders; p, the preference for its first document, is the mean of the two.

    A judge that names the same place both times, whatever stands there, has no preference: the pair is a tie, p = 0.5,
    and the log-probabilities of both orders, (log P(A), log P(B)) twice, tell that it was inconsistent. Where the judge
    tells none, its words count as 1, 0 or 0.5.

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
            self._judged(ranked, pair, first, second)
            for pair, first, second in zip(pairs, replies[::2], replies[1::2], strict=True)
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

    def _judged(self, ranked: RankedList, pair: tuple[int, int], first: Reply, second: Reply) -> Judgment:
        one, other = (ranked.docnos[place] for place in pair)
        said = [self._first_is_better(reply) for reply in (first, second)]
        for reply, value in zip((first, second), said, strict=True):
            if value is None:
                return Judgment(ranked.qid, one, unclear(reply), other=other)
        forward, backward = (value for value in said if value is not None)
        log_p = tuple(each for reply in (first, second) for each in reply.log_probabilities or ())
        same_place = (forward - 0.5) * (backward - 0.5) > 0
        value = 0.5 if same_place else (forward + 1 - backward) / 2
        return Judgment(ranked.qid, one, "ok", value, other=other, log_probabilities=log_p)

    def _first_is_better(self, reply: Reply) -> float | None:
        """P(A) / (P(A) + P(B)); None where the reply says neither."""
        if reply.status != "ok":
            return None
        if reply.log_probabilities is not None:
            return _share(reply.log_probabilities)
        word = parse_preference(reply.text)
        return None if word is None else {"A": 1.0, "B": 0.0, "tie": 0.5}[word]


def _share(log_p: Sequence[float]) -> float:
    return 1 / (1 + math.exp(min(log_p[1] - log_p[0], 700)))


def pairwise(*, opponents: int = 2, language: str = "en", seed: int = 0, prompt: str | None = None) -> Pairwise:
    """Preferences between pairs of a list's documents; see `Pairwise`."""
    return Pairwise(prompt_for("pairwise", language, prompt), opponents, seed)
