"""Listwise: a grade for every passage of a list, given while all of them are in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.methods.graded import are_grades, read_grade
from benchmark.labels.llm.methods.listwise import Listwise, Windowed, window_texts
from benchmark.labels.llm.methods.method import RankedList, Steps
from benchmark.labels.llm.methods.passages import Shuffle
from benchmark.labels.llm.methods.read import Read
from benchmark.labels.llm.parsing import parse_grades
from benchmark.labels.llm.prompts.load import prompt_for

Answer = Literal["each", "written"]


@dataclass(frozen=True)
class ListwiseGraded(Listwise):
    """The answer is a line `[1]: 2` for each passage; all of it counts or nothing."""

    top: int = 3
    scale = "grade"

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """How lists are shown, and how answers are read."""
        return {**super().settings, "answer": "written"}

    def read(self, text: str, count: int) -> tuple[float, ...] | None:
        """The grade of each passage."""
        return parse_grades(text, count, 0, self.top)

    def tokens(self, count: int) -> int:
        """A line of at most eight tokens each."""
        return 8 * count + 8


@dataclass(frozen=True)
class ListwiseGradedEach(Windowed):
    """For each passage the log-probabilities of its grades, asked for one after the other below the same list.

    The list is read once, nothing is written, and the grade of one passage does not depend on those given before it.
    Small judges that write down the same grade for every passage still tell them apart so. The value is the likeliest
    grade, as in `Graded`.
    """

    scale = "grade"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not are_grades(self.prompt.answers) or "number" not in self.prompt.slots:
            raise ConfigurationError(f"prompt {self.prompt.name}: asks for no grade of a passage; use another prompt")

    @property
    def name(self) -> str:
        """`listwise-graded-3`, however it is answered."""
        return self.prompt.method.removesuffix("-each")

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """How lists are shown, and how answers are read."""
        return {**super().settings, "answer": "each"}

    def steps(self, ranked: RankedList) -> Steps:
        """All requests at once, those about one window with the same beginning."""
        asked, requests = [], []
        for order, places in self.shown(ranked):
            texts = window_texts(self.prompt, ranked, places)
            for position, place in enumerate(places, 1):
                requests.append(self.prompt.request("choose", texts | {"number": str(position)}))
                asked.append((order, position, place))
        replies = yield requests
        judgments = []
        for (order, position, place), reply in zip(asked, replies, strict=True):
            said = read_grade(reply, len(self.prompt.answers) - 1) if reply.status == "ok" else Read(reply.status)
            judgments.append(said.of(ranked.qid, ranked.docnos[place], position, order))
        return judgments


def listwise_graded_3(
    *,
    answer: Answer = "each",
    permutations: int = 1,
    shuffle: bool = True,
    window: int = 20,
    language: str = "en",
    seed: int = 0,
    prompt: str | None = None,
) -> ListwiseGraded | ListwiseGradedEach:
    """Grades from 0 to 3: asked for passage by passage (`each`), or `written` for all at once."""
    shown = Shuffle(permutations, shuffle, seed)
    if answer == "each":
        return ListwiseGradedEach(prompt_for("listwise-graded-3-each", language, prompt), shown, window)
    if answer == "written":
        return ListwiseGraded(prompt_for("listwise-graded-3", language, prompt), shown, window)
    raise ConfigurationError(f"answer {answer!r}: use {' or '.join(get_args(Answer))}")
