"""Lists of passages inside one prompt: their order, their numbers, and nothing in them that could change these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmark.errors import ConfigurationError
from benchmark.hashing import seeded_hash
from benchmark.labels.llm.judgments.judgment import Judgment, Status
from benchmark.labels.llm.methods.method import RankedList
from benchmark.labels.llm.prompts import Prompt

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Identifiers that are one token of common tokenisers, so that one log-probability tells of a passage."""
_IDENTIFIER = re.compile(r"[\[［【]\s*(\w{1,3})\s*[\]］】]")


@dataclass(frozen=True)
class Shuffle:
    """`permutations` orders of each list, drawn by `seed` and the question; with `shuffle` off the one it came in."""

    permutations: int = 1
    shuffle: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.permutations < 1 or (self.permutations > 1 and not self.shuffle):
            raise ConfigurationError(f"permutations is {self.permutations}; give 1 or more, and more only with shuffle")

    @property
    def settings(self) -> dict[str, str | int | float | bool]:
        """Permutations, shuffle and seed, as recorded with the judgments."""
        return {"permutations": self.permutations, "shuffle": self.shuffle, "seed": self.seed}

    def orders(self, ranked: RankedList) -> list[list[int]]:
        """Places in the list, in the order in which they are shown, for each permutation."""
        places = list(range(len(ranked.docnos)))
        if not self.shuffle:
            return [places]
        return [
            sorted(places, key=lambda place: seeded_hash(self.seed, ranked.qid, str(number), ranked.docnos[place]))
            for number in range(self.permutations)
        ]


def windows(size: int, window: int) -> Iterator[range]:
    """Consecutive windows of at most `window` of `size` places, of about equal length."""
    parts = max(-(-size // window), 1)
    cuts = [round(part * size / parts) for part in range(parts + 1)]
    return (range(start, stop) for start, stop in pairwise(cuts))


def sliding(size: int, window: int, step: int) -> Iterator[range]:
    """Windows of `window` of `size` places from the back to the front by `step`, the last one at the very front."""
    start = max(size - window, 0)
    while start > 0:
        yield range(start, start + window)
        start = max(start - step, 0)
    yield range(min(size, window))


def show(prompt: Prompt, ranked: RankedList, places: Sequence[int], identifiers: Sequence[str]) -> str:
    """The passages at `places` under their identifiers, one a line.

    A passage stays on its line, and what looks like an identifier in it, `[3]`, gets other brackets, `(3)`: it can
    neither begin a passage of its own nor pass for another one.
    """
    return "\n".join(
        prompt.one({"number": name, "document": _quoted(prompt.document(ranked.texts[place]))})
        for name, place in zip(identifiers, places, strict=True)
    )


def numbers(count: int) -> list[str]:
    """Identifiers `1` to `count`."""
    return [str(number + 1) for number in range(count)]


def letters(count: int) -> list[str]:
    """A, B, ...; `ConfigurationError` where the alphabet ends before."""
    if count > len(LETTERS):
        raise ConfigurationError(f"{count} passages at a time are more than letters; give a window of {len(LETTERS)}")
    return list(LETTERS[:count])


def judged(
    ranked: RankedList, places: Sequence[int], order: int, values: Mapping[int, float] | Status
) -> Iterator[Judgment]:
    """A judgment of each passage shown, by its place in the prompt; with a status instead of values, that for all."""
    for position, place in enumerate(places, 1):
        docno = ranked.docnos[place]
        if isinstance(values, str):
            yield Judgment(ranked.qid, docno, values, position=position, order=order)
        else:
            yield Judgment(ranked.qid, docno, "ok", values[place], position=position, order=order)


def _quoted(text: str) -> str:
    return _IDENTIFIER.sub(r"(\1)", " ".join(text.split()))
