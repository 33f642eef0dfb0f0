"""Pointwise: a grade by a criterion that says in words what each grade means."""

from __future__ import annotations

from benchmark.labels.llm.judges.judge import Reply
from benchmark.labels.llm.methods.pointwise import Pointwise
from benchmark.labels.llm.methods.read import Read, unclear
from benchmark.labels.llm.parsing import parse_grade
from benchmark.labels.llm.prompts.load import prompt_for


class Graded(Pointwise):
    """argmax over the grades g = 0, 1, ..., G of log P(g), the prompt's answers in that order; the lowest of a tie.

    The log-probabilities of all grades are kept, so that an expected grade or gain can be taken of them later. Where a
    judge gives none, the value is the grade that it wrote.
    """

    scale = "grade"

    def read(self, reply: Reply) -> Read:
        """The grade of a reply that is ok."""
        return read_grade(reply, len(self.prompt.answers) - 1)

    def _problem(self) -> str:
        return "" if are_grades(self.prompt.answers) else "its answers must be the grades 0, 1, ... in order"


def read_grade(reply: Reply, top: int) -> Read:
    """The grade from 0 to `top` of a reply that is ok: the likeliest, or the one written; see `Graded`."""
    said = reply.log_probabilities
    if said is not None:
        return Read("ok", float(max(range(len(said)), key=said.__getitem__)), said)
    grade = parse_grade(reply.text, 0, top)
    return Read(unclear(reply)) if grade is None else Read("ok", float(grade))


def are_grades(answers: tuple[str, ...]) -> bool:
    """Whether a prompt's answers are 0, 1, ... in order."""
    return len(answers) > 1 and answers == tuple(map(str, range(len(answers))))


def graded_3(*, language: str = "en", prompt: str | None = None) -> Graded:
    """Grades 0 to 3: the newest prompt in a language, or the prompt of that name."""
    return Graded(prompt_for("graded-3", language, prompt))


def graded_4(*, language: str = "en", prompt: str | None = None) -> Graded:
    """Grades 0 to 4: the newest prompt in a language, or the prompt of that name."""
    return Graded(prompt_for("graded-4", language, prompt))
