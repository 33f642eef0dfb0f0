"""Pointwise: a grade after a few grades that people gave to similar questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import numpy as np

from benchmark.errors import ConfigurationError
from benchmark.hashing import seeded_hash
from benchmark.labels.llm.methods.graded import Graded
from benchmark.labels.llm.methods.method import RankedList
from benchmark.labels.llm.methods.pool import POOLS, Demonstration, normal, pool_sha256, read_pool
from benchmark.labels.llm.prompts.load import prompt_for
from benchmark.labels.llm.prompts.prompt import WITHOUT_SPACES
from benchmark.tasks.candidates import Bm25

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}")


@dataclass(frozen=True)
class GradedDemonstrations(Graded):
    """Graded, after demonstrations from a pool of passages graded by people: those whose questions are most alike.

    Of each grade in the pool the `per_grade` demonstrations are taken whose questions score highest in BM25 for the
    question asked, never one of that same question; their order is drawn for each question, so that no grade always
    stands last. Retrieved demonstrations for a language model that annotates: LLMaAA (Zhang et al., arXiv 2310.19596).
    They are the same for all documents of a list, so here they are what is read once, and not the document.

    The pool is human supervision, and its questions must be training questions: `settings` tells of both.
    """

    pool: tuple[Demonstration, ...] = ()
    per_grade: int = 1
    demonstration_words: int = 60
    seed: int = 0

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """What is demonstrated, and that people made it."""
        return {
            "human_supervision": True,
            "pool_sha256": pool_sha256(self.pool),
            "per_grade": self.per_grade,
            "demonstration_words": self.demonstration_words,
            "seed": self.seed,
        }

    def texts(self, ranked: RankedList) -> dict[str, str]:
        """The question, and the same demonstrations for all documents."""
        return super().texts(ranked) | {"demonstrations": "\n\n".join(map(self._text, self.nearest(ranked.question)))}

    def nearest(self, question: str) -> list[Demonstration]:
        """The demonstrations for a question, in the order in which they are shown."""
        scores = next(iter(self._index.scores([self._words(question)])))
        same = normal(question)
        taken: dict[int, list[Demonstration]] = {}
        for index in np.argsort(-scores, kind="stable").tolist():
            one = self.pool[index]
            of_grade = taken.setdefault(one.grade, [])
            if len(of_grade) < self.per_grade and normal(one.question) != same:
                of_grade.append(one)
        shown = [one for grade in sorted(taken) for one in taken[grade]]
        return sorted(shown, key=lambda one: seeded_hash(self.seed, question, one.question, one.document))

    @cached_property
    def _index(self) -> Bm25:
        return Bm25([self._words(one.question) for one in self.pool])

    def _words(self, text: str) -> str:
        """In a language without spaces, runs of characters as overlapping pairs, which serve as words."""
        if self.prompt.language not in WITHOUT_SPACES:
            return text
        return _UNSPACED.sub(lambda run: " ".join(map("".join, zip(run[0], run[0][1:], strict=False))) + " ", text)

    def _text(self, one: Demonstration) -> str:
        return self.prompt.one(
            {
                "question": self.prompt.question(one.question),
                "document": self.prompt.document(one.document, self.demonstration_words),
                "grade": str(one.grade),
            }
        )

    def _problem(self) -> str:
        if not self.prompt.item:
            return "has no `item`, the text of one demonstration"
        return super()._problem()


def graded_demonstrations(
    *,
    pool: Annotated[Sequence[Demonstration] | Path | str, POOLS],
    per_grade: int = 1,
    demonstration_words: int = 60,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> GradedDemonstrations:
    """With demonstrations from `pool`, or from the file of JSON lines of that name (see `read_pool`).

    Raises `ConfigurationError` for a pool of fewer than two questions or with a grade that the prompt does not know,
    and for a `per_grade` or `demonstration_words` below 1.
    """
    asked = prompt_for("graded-demonstrations", language, prompt)
    graded = read_pool(Path(pool)) if isinstance(pool, str | Path) else tuple(pool)
    if len({normal(one.question) for one in graded}) < 2:
        raise ConfigurationError("the pool of demonstrations has fewer than two questions; give it more")
    for one in graded:
        if one.grade >= len(asked.answers):
            raise ConfigurationError(
                f"the pool of demonstrations has the grade {one.grade}, prompt {asked.name} goes to "
                f"{len(asked.answers) - 1}; bring its grades to that scale"
            )
    for name, value in (("per_grade", per_grade), ("demonstration_words", demonstration_words)):
        if value < 1:
            raise ConfigurationError(f"{name} is {value}; give it 1 or more")
    return GradedDemonstrations(asked, graded, per_grade, demonstration_words, seed)
