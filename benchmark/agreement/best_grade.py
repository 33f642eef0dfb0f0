"""The best grade of a scale of grades, where it can be told."""

from __future__ import annotations

from collections.abc import Iterable

from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.methods.listwise_graded import ListwiseGraded
from benchmark.labels.llm.prompts import load_prompt, prompt_names


def best_grade(judgments: Judgments) -> int | None:
    """The best grade of a scale 0 ... top; None where nothing tells it.

    As the method told (`Metadata.top`); else one less than the answers of the prompt, than those that have a
    probability, or than those of the prompts made for the method. `listwise-graded-3` may be answered by a line of
    text, and then knows its best grade itself.
    """
    made = judgments.metadata
    if judgments.scale != "grade":
        return None
    width = judgments.log_probabilities.shape[1]
    if made.top is not None:
        return made.top
    known = prompt_names()
    answers = _answers(name for name in made.prompts if name in known)
    answers = answers or (width if width > 1 else _answers(prompt_names(made.method)))
    if answers:
        return answers - 1
    return ListwiseGraded.top if made.method == "listwise-graded-3" else None


def _answers(prompts: Iterable[str]) -> int:
    """The most answers that one of these prompts lets a judge choose from."""
    return max((len(load_prompt(name).answers) for name in prompts), default=0)
