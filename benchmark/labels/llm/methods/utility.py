"""Utility: which passages help to answer, found out by answering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmark.labels.llm.judges.judge import Request
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.methods.listwise import window_texts
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.passages import Shuffle, judged
from benchmark.labels.llm.methods.read import unclear
from benchmark.labels.llm.parsing import parse_selection
from benchmark.labels.llm.prompts import Prompt
from benchmark.labels.llm.prompts.load import prompts_for


@dataclass(frozen=True)
class Utility:
    """Three steps: the passages that are relevant; an answer to the question from these; the passages that helped it.

    A passage is useful (1) if it is named in the last step; those that the first step left out are not (0), and where
    it names none, none is. Source: the annotation of Zhang et al., Utility-Focused LLM Annotation for Retrieval and
    Retrieval-Augmented Generation, arXiv 2504.05220; the prompts are our own.
    """

    relevance: Prompt
    answer: Prompt
    usefulness: Prompt
    shuffle: Shuffle = field(default_factory=Shuffle)
    scale: Scale = "selection"

    @property
    def name(self) -> str:
        """`utility`."""
        return "utility"

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """One for each step."""
        return self.relevance, self.answer, self.usefulness

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """How lists are shown."""
        return self.shuffle.settings

    def steps(self, ranked: RankedList) -> Steps:
        """One permutation after the other."""
        judgments: list[Judgment] = []
        for order, places in enumerate(self.shuffle.orders(ranked)):
            judgments += yield from self._order(ranked, places, order)
        return judgments

    def _order(self, ranked: RankedList, places: list[int], order: int) -> Steps:
        (reply,) = yield [self._select(self.relevance, ranked, places)]
        chosen = parse_selection(reply.text, len(places)) if reply.status == "ok" else None
        if chosen is None:
            return list(judged(ranked, places, order, unclear(reply)))
        if not chosen:
            return list(judged(ranked, places, order, dict.fromkeys(places, 0.0)))
        relevant = [places[number - 1] for number in chosen]
        (reply,) = yield [self.answer.request("write", window_texts(self.answer, ranked, relevant))]
        if reply.status not in ("ok", "truncated"):  # an answer that was cut is an answer
            return list(judged(ranked, places, order, reply.status))
        (reply,) = yield [self._select(self.usefulness, ranked, relevant, answer=reply.text)]
        useful = parse_selection(reply.text, len(relevant)) if reply.status == "ok" else None
        if useful is None:
            return list(judged(ranked, places, order, unclear(reply)))
        helped = {relevant[number - 1] for number in useful}
        return list(judged(ranked, places, order, {place: float(place in helped) for place in places}))

    def _select(self, prompt: Prompt, ranked: RankedList, places: list[int], **more: str) -> Request:
        quoted = {name: " ".join(prompt.question(text).split()) for name, text in more.items()}
        return prompt.request("write", window_texts(prompt, ranked, places) | quoted, max_tokens=5 * len(places) + 8)


def utility(
    *,
    permutations: int = 1,
    shuffle: bool = True,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> Utility:
    """Relevance selection, pseudo-answer, utility selection; see `Utility`.

    `prompt` names the prompts of these steps, or some of them, with commas between: any other is the newest.
    """
    steps = "listwise-selection", "utility-answer", "utility-selection"
    relevance, answer, usefulness = prompts_for(steps, language, prompt)
    return Utility(relevance, answer, usefulness, Shuffle(permutations, shuffle, seed))
