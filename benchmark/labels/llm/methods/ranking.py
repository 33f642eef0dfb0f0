"""Listwise: the passages of a list from the best to the worst."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judgments.judgment import Judgment, Scale, Status
from benchmark.labels.llm.methods.listwise import window_texts
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.one_prompt import OnePrompt
from benchmark.labels.llm.methods.passages import Shuffle, judged, letters, numbers, sliding
from benchmark.labels.llm.methods.read import unclear
from benchmark.labels.llm.parsing import parse_ranking
from benchmark.labels.llm.prompts.load import prompt_for

Answer = Literal["first-token", "written"]


@dataclass(frozen=True)
class Ranking(OnePrompt):
    """Ranks 1, 2, ... of the passages of a list.

    `answer` first-token: passages are called by letters, and ranked by the log-probability of each letter as the one
    that begins the ranking; nothing is written (FIRST, Reddy et al., EMNLP 2024, arXiv 2406.15657). The judge must tell
    log-probabilities. Written: all identifiers from the best on; a ranking that lacks one counts as unparsable.

    Lists longer than `window` are ranked by a window that slides from the back to the front by `step`, so that good
    passages move up (Sun et al., EMNLP 2023, arXiv 2304.09542): a request after the other.
    """

    answer: Answer = "first-token"
    shuffle: Shuffle = field(default_factory=Shuffle)
    window: int = 20
    step: int = 10
    scale: Scale = "rank"

    def __post_init__(self) -> None:
        if not 1 <= self.step < self.window:
            raise ConfigurationError(
                f"window {self.window}, step {self.step}: the step must be 1 or more, and less than the window"
            )

    @property
    def name(self) -> str:
        """`direct-ranking`, however it is answered."""
        return "direct-ranking"

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """How lists are shown, and how answers are read."""
        return {**self.shuffle.settings, "answer": self.answer, "window": self.window, "step": self.step}

    def steps(self, ranked: RankedList) -> Steps:
        """The windows of all permutations side by side."""
        orders = self.shuffle.orders(ranked)
        place = {order: list(shown) for order, shown in enumerate(orders)}
        stopped: dict[int, Status] = {}
        seen: dict[int, dict[int, float]] = {order: {} for order in place}
        for window in sliding(len(ranked.docnos), self.window, self.step):
            going = [order for order in place if order not in stopped]
            replies = yield [self._request(ranked, place[order][window.start : window.stop]) for order in going]
            for order, reply in zip(going, replies, strict=True):
                shown = place[order][window.start : window.stop]
                best = self._read(reply, len(shown))
                if isinstance(best, str):
                    stopped[order] = best
                    continue
                if reply.log_probabilities is not None and self.answer == "first-token":
                    seen[order].update(zip(shown, reply.log_probabilities, strict=True))
                place[order][window.start : window.stop] = [shown[at] for at in best]
        return [
            judgment
            for order, first in enumerate(orders)
            for judgment in self._judged(ranked, first, order, stopped.get(order) or place[order], seen[order])
        ]

    def _judged(
        self, ranked: RankedList, first: list[int], order: int, best: list[int] | Status, seen: Mapping[int, float]
    ) -> Iterator[Judgment]:
        values = best if isinstance(best, str) else {place: float(rank) for rank, place in enumerate(best, 1)}
        for place, judgment in zip(first, judged(ranked, first, order, values), strict=True):
            told = judgment.status == "ok" and place in seen
            yield replace(judgment, log_probabilities=(seen[place],)) if told else judgment

    def _request(self, ranked: RankedList, places: Sequence[int]) -> Request:
        names = letters(len(places)) if self.answer == "first-token" else numbers(len(places))
        texts = window_texts(self.prompt, ranked, places, names)
        if self.answer == "first-token":
            return self.prompt.request("choose", texts, answers=names)
        return self.prompt.request("write", texts, max_tokens=6 * len(places) + 8)

    def _read(self, reply: Reply, count: int) -> list[int] | Status:
        """Places in the window from the best on, or why there are none."""
        if reply.status != "ok":
            return reply.status
        if self.answer == "first-token":
            if reply.log_probabilities is None:
                return unclear(reply)  # what was asked for, and not told, is a letter and no ranking
            said = reply.log_probabilities
            return sorted(range(count), key=lambda at: -said[at])
        order = parse_ranking(reply.text, count)
        return unclear(reply) if order is None or len(order) < count else [number - 1 for number in order]


def direct_ranking(
    *,
    answer: Answer = "first-token",
    permutations: int = 1,
    shuffle: bool = True,
    window: int = 20,
    step: int = 10,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> Ranking:
    """A ranking of the whole list; see `Ranking`."""
    if answer not in get_args(Answer):
        raise ConfigurationError(f"answer {answer!r}: use {' or '.join(get_args(Answer))}")
    method = "direct-ranking-first" if answer == "first-token" else "direct-ranking"
    return Ranking(prompt_for(method, language, prompt), answer, Shuffle(permutations, shuffle, seed), window, step)
