"""Utility: which passages help to answer, found out by answering."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judgments.judgment import Judgment, Scale, Status
from benchmark.labels.llm.methods.listwise import window_texts
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.passages import Shuffle, judged, sliding, windows
from benchmark.labels.llm.methods.read import unclear
from benchmark.labels.llm.parsing import parse_ranking, parse_selection, refused
from benchmark.labels.llm.prompts import Prompt
from benchmark.labels.llm.prompts.load import prompts_for

T = TypeVar("T")
_Asking = Generator[Sequence[Request], Sequence[Reply], T]


@dataclass(frozen=True)
class Utility:
    """Three steps: the passages that are relevant; an answer to the question from these; the passages that helped it.

    Selection: a passage is useful (1) if it is named in the last step; those that the first step left out are not (0),
    and where it names none, none is. Ranking (`ranks`): the last step ranks the relevant ones by how much they helped;
    those that the first step left out share the mean of the ranks that are left, so where it names none all are tied.
    Lists longer than `window` are read in consecutive windows, but for the ranking, whose window slides (see `Ranking`)
    by half its length, and for the answer, which is made from the first window of the relevant ones. An answer that is
    empty or declines to be given ends a list.

    Source: the annotation of Zhang et al., Utility-Focused LLM Annotation for Retrieval and Retrieval-Augmented
    Generation, arXiv 2504.05220; the prompts are our own.
    """

    relevance: Prompt
    answer: Prompt
    usefulness: Prompt
    shuffle: Shuffle = field(default_factory=Shuffle)
    window: int = 20
    ranks: bool = False

    def __post_init__(self) -> None:
        if self.window < 2:
            raise ConfigurationError(f"window is {self.window}; give 2 or more")

    @property
    def name(self) -> str:
        """`utility`, or `utility-ranking`."""
        return "utility-ranking" if self.ranks else "utility"

    @property
    def scale(self) -> Scale:
        """Ranks, or a selection."""
        return "rank" if self.ranks else "selection"

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """One for each step."""
        return self.relevance, self.answer, self.usefulness

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """How lists are shown."""
        return {**self.shuffle.settings, "window": self.window}

    def steps(self, ranked: RankedList) -> Steps:
        """One permutation after the other."""
        judgments: list[Judgment] = []
        for order, places in enumerate(self.shuffle.orders(ranked)):
            values = yield from self._values(ranked, places)
            for part in windows(len(places), self.window):  # as the first step shows them
                judgments += judged(ranked, [places[at] for at in part], order, values)
        return judgments

    def _values(self, ranked: RankedList, places: list[int]) -> _Asking[dict[int, float] | Status]:
        relevant = yield from self._selected(self.relevance, ranked, places)
        if isinstance(relevant, str):
            return relevant
        helped: list[int] | Status = []
        if relevant:
            (reply,) = yield [self._request(self.answer, ranked, relevant[: self.window])]
            if reply.status not in ("ok", "truncated"):  # an answer that was cut is an answer
                return reply.status
            if not reply.text.strip() or refused(reply.text):
                return "refused" if refused(reply.text) else "unparsable"
            last = self._ranked if self.ranks else self._selected
            helped = yield from last(self.usefulness, ranked, relevant, answer=reply.text)
        if isinstance(helped, str):
            return helped
        if self.ranks:
            left_out = (len(helped) + 1 + len(places)) / 2
            return dict.fromkeys(places, left_out) | {place: at + 1.0 for at, place in enumerate(helped)}
        return {place: float(place in helped) for place in places}

    def _selected(
        self, prompt: Prompt, ranked: RankedList, places: Sequence[int], **more: str
    ) -> _Asking[list[int] | Status]:
        """Of the places those that are named, in their order, or why it is not known."""
        parts = [[places[at] for at in part] for part in windows(len(places), self.window)]
        replies = yield [self._request(prompt, ranked, part, 5 * len(part) + 8, **more) for part in parts]
        found: list[int] = []
        for part, reply in zip(parts, replies, strict=True):
            named = parse_selection(reply.text, len(part)) if reply.status == "ok" else None
            if named is None:
                return unclear(reply)
            found += [part[number - 1] for number in named]
        return found

    def _ranked(
        self, prompt: Prompt, ranked: RankedList, places: Sequence[int], **more: str
    ) -> _Asking[list[int] | Status]:
        """The places from the best on, or why it is not known."""
        best = list(places)
        for part in sliding(len(best), self.window, self.window // 2):
            shown = best[part.start : part.stop]
            (reply,) = yield [self._request(prompt, ranked, shown, 6 * len(shown) + 8, **more)]
            said = parse_ranking(reply.text, len(shown)) if reply.status == "ok" else None
            if said is None or len(said) < len(shown):
                return unclear(reply)
            best[part.start : part.stop] = [shown[number - 1] for number in said]
        return best

    def _request(
        self, prompt: Prompt, ranked: RankedList, places: Sequence[int], max_tokens: int | None = None, **more: str
    ) -> Request:
        quoted = {name: " ".join(prompt.question(text).split()) for name, text in more.items()}
        return prompt.request("write", window_texts(prompt, ranked, places) | quoted, max_tokens=max_tokens)


def utility(
    *,
    permutations: int = 1,
    shuffle: bool = True,
    window: int = 20,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> Utility:
    """Relevance selection, pseudo-answer, utility selection; see `Utility`.

    `prompt` names the prompts of these steps, or some of them, with commas between: any other is the newest.
    """
    return _utility("utility-selection", Shuffle(permutations, shuffle, seed), window, language, prompt)


def utility_ranking(
    *,
    permutations: int = 1,
    shuffle: bool = True,
    window: int = 20,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> Utility:
    """Relevance selection, pseudo-answer, utility ranking; see `Utility` and `utility`."""
    return _utility("utility-ranking", Shuffle(permutations, shuffle, seed), window, language, prompt)


def _utility(last: str, shuffle: Shuffle, window: int, language: str, names: str | None) -> Utility:
    relevance, answer, usefulness = prompts_for(("listwise-selection", "utility-answer", last), language, names)
    return Utility(relevance, answer, usefulness, shuffle, window, ranks=last == "utility-ranking")
