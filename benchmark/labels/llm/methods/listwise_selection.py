"""Listwise: which passages of a list answer the question."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.labels.llm.methods.listwise import Listwise
from benchmark.labels.llm.methods.passages import Shuffle
from benchmark.labels.llm.parsing import parse_selection
from benchmark.labels.llm.prompts.load import prompt_for


@dataclass(frozen=True)
class ListwiseSelection(Listwise):
    """The answer names the passages, `[2], [5]`, or says `none`."""

    scale = "selection"

    def read(self, text: str, count: int) -> tuple[float, ...] | None:
        """1 for each passage that was named, 0 for the others."""
        chosen = parse_selection(text, count)
        return None if chosen is None else tuple(float(place + 1 in chosen) for place in range(count))

    def tokens(self, count: int) -> int:
        """All passages named, five tokens each."""
        return 5 * count + 8


def listwise_selection(
    *,
    permutations: int = 1,
    shuffle: bool = True,
    window: int = 20,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> ListwiseSelection:
    """Direct selection: binary labels from one prompt about the whole list."""
    asked = prompt_for("listwise-selection", language, prompt)
    return ListwiseSelection(asked, Shuffle(permutations, shuffle, seed), window)
