"""Listwise: a grade for every passage of a list, in one prompt."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.labels.llm.methods.listwise import Listwise
from benchmark.labels.llm.methods.passages import Shuffle
from benchmark.labels.llm.methods.pointwise import prompt_for
from benchmark.labels.llm.parsing import parse_grades


@dataclass(frozen=True)
class ListwiseGraded(Listwise):
    """The answer is a line `[1]: 2` for each passage; all of it counts or nothing."""

    top: int = 3
    scale = "grade"

    def read(self, text: str, count: int) -> tuple[float, ...] | None:
        """The grade of each passage."""
        return parse_grades(text, count, 0, self.top)

    def tokens(self, count: int) -> int:
        """A line of at most eight tokens each."""
        return 8 * count + 8


def listwise_graded_3(
    *,
    permutations: int = 1,
    shuffle: bool = True,
    window: int = 20,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> ListwiseGraded:
    """Grades from 0 to 3."""
    asked = prompt_for("listwise-graded-3", language, prompt)
    return ListwiseGraded(asked, Shuffle(permutations, shuffle, seed), window)
