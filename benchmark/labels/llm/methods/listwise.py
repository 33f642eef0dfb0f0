"""What methods share that ask about several passages in one prompt and are answered in writing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.one_prompt import OnePrompt
from benchmark.labels.llm.methods.passages import Shuffle, judged, numbers, show, windows
from benchmark.labels.llm.methods.read import unclear
from benchmark.labels.llm.prompts import Prompt


@dataclass(frozen=True)
class Windowed(OnePrompt, ABC):
    """A method of one prompt that shows the passages of each window of each permutation.

    A list longer than `window` is judged in consecutive windows of the shuffled order.
    """

    shuffle: Shuffle = field(default_factory=Shuffle)
    window: int = 20
    scale: ClassVar[Scale]

    def __post_init__(self) -> None:
        if self.window < 2:
            raise ConfigurationError(f"window is {self.window}; give 2 or more")
        if not self.prompt.item or "passages" not in self.prompt.slots:
            raise ConfigurationError(f"prompt {self.prompt.name}: shows no passages; use another prompt")

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """How lists are shown."""
        return {**self.shuffle.settings, "window": self.window}

    @abstractmethod
    def steps(self, ranked: RankedList) -> Steps:
        """Judge one list; see `Steps`."""

    def shown(self, ranked: RankedList) -> list[tuple[int, list[int]]]:
        """What is shown together: the number of the permutation and the places in the list, in the order shown."""
        return [
            (order, [places[place] for place in part])
            for order, places in enumerate(self.shuffle.orders(ranked))
            for part in windows(len(places), self.window)
        ]


@dataclass(frozen=True)
class Listwise(Windowed):
    """One request for each window of each permutation; what is written of its passages is `read` by the method."""

    @abstractmethod
    def read(self, text: str, count: int) -> tuple[float, ...] | None:
        """The value of each of `count` passages in the order of their numbers; None where the answer is not clear."""

    @abstractmethod
    def tokens(self, count: int) -> int:
        """How many tokens an answer about `count` passages may have."""

    def steps(self, ranked: RankedList) -> Steps:
        """All requests at once."""
        parts = self.shown(ranked)
        replies = yield [
            self.prompt.request("write", window_texts(self.prompt, ranked, places), max_tokens=self.tokens(len(places)))
            for _, places in parts
        ]
        judgments: list[Judgment] = []
        for (order, places), reply in zip(parts, replies, strict=True):
            values = self.read(reply.text, len(places)) if reply.status == "ok" else None
            told = dict(zip(places, values, strict=True)) if values is not None else unclear(reply)
            judgments += judged(ranked, places, order, told)
        return judgments


def window_texts(
    prompt: Prompt, ranked: RankedList, places: Sequence[int], identifiers: Sequence[str] | None = None
) -> dict[str, str]:
    """The texts of a prompt that shows these passages under their identifiers, or the numbers 1, 2, ..."""
    texts = {
        "question": prompt.question(ranked.question),
        "passages": show(prompt, ranked, places, identifiers or numbers(len(places))),
    }
    return texts | {"count": str(len(places))} if "count" in prompt.slots else texts
