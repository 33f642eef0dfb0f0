"""Where judgments come from: who was asked, how, about what, and what it took."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from benchmark.families import HUMAN_SUPERVISED, SEES_CLICKS, SEES_JUDGMENTS
from benchmark.labels.llm.judges.model import Model, Sha256
from benchmark.labels.llm.judgments.judgment import Scale

if TYPE_CHECKING:
    from benchmark.labels.llm.methods.method import Method

Purpose = Literal["training", "agreement"]
"""`training`: systems may learn from them. `agreement`: of dev and test questions, to hold against human grades."""
Chooser = Literal["dev", "human", "log"]
"""What may go into a choice of lists: grades of dev questions, people's grades of others, the click log."""
_CHOOSERS: dict[Chooser, str] = {
    "dev": "grades of dev questions",
    "human": "people's grades",
    "log": "the click log",
}
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PromptUsed(_Strict):
    """A prompt file (see `prompts`), by its hash."""

    sha256: Sha256
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class Metadata(_Strict):
    """Where the judgments of a file come from; kept as `<name>.json` beside it, and inside it.

    `method`, its `scale` (what a value means, see `Judgment`), `prompts` by name and `settings`; `model`; `candidates`
    says how the lists were chosen, `chosen_by` what was read for that besides the questions; `statuses` how many
    judgments ended how. Of the asking: tokens and `seconds` of the judge, `cost` in the currency of the endpoint's
    prices; tokens are None where they were not counted.
    """

    schema_version: Literal[2] = 2
    method: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    scale: Scale
    prompts: Annotated[dict[str, PromptUsed], Field(min_length=1)]
    settings: dict[str, str | int | float | bool]
    model: Model
    purpose: Purpose
    candidates: Annotated[str, Field(min_length=1)]
    chosen_by: tuple[Chooser, ...] = ()
    task_manifest_sha256: Sha256 | None = None
    created: date
    lists: Annotated[int, Field(ge=1)]
    rows: Annotated[int, Field(ge=1)]
    statuses: dict[str, Count]
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    seconds: Amount
    cost: Amount = 0.0
    rows_sha256: Sha256

    @model_validator(mode="after")
    def _top_is_a_grade(self) -> Self:
        told = self.settings.get("top", 1)
        if self.scale == "grade" and (not isinstance(told, int) or told < 1 or isinstance(told, bool)):
            raise ValueError(f"setting top is {told!r}; of grades 0, 1, ..., top give it as a whole number from 1 on")
        return self

    @property
    def top(self) -> int | None:
        """The best grade of grades 0, 1, ..., top, where the method told it as the setting `top`; else None."""
        told = self.settings.get("top")
        return told if self.scale == "grade" and isinstance(told, int) else None

    @property
    def supervision(self) -> frozenset[Chooser]:
        """What went into the judgments, or into the choice of their lists, besides the judge."""
        shown: tuple[Chooser, ...] = ("human",) if self._shown_grades else ()
        return frozenset((*self.chosen_by, *shown))

    @property
    def told(self) -> str:
        """`supervision` in words, as what follows the name of the judgments; empty where there was none."""
        chosen = " and ".join(_CHOOSERS[one] for one in self.chosen_by)
        shown = ", shown people's grades" if self._shown_grades else ""
        return shown + (f", lists chosen by {chosen}" if chosen else "")

    @property
    def _shown_grades(self) -> bool:
        return self.settings.get("human_supervision") is True

    def may_teach(self, family: str) -> bool:
        """Whether systems of a family may learn from these.

        What it may not see must not reach it through the choice of lists, nor through demonstrations.
        """
        return (
            family in SEES_JUDGMENTS
            and self.purpose == "training"
            and ("human" not in self.supervision or family in HUMAN_SUPERVISED)
            and ("log" not in self.supervision or family in SEES_CLICKS)
        )

    def unlike(self, method: Method) -> str:
        """What `method` asks otherwise than it was asked for these judgments: the first thing found, or nothing."""
        if method.name != self.method:
            return f"method: is {method.name}, it was {self.method}"
        asked = {prompt.name: prompt.sha256 for prompt in method.prompts}
        if asked != {name: prompt.sha256 for name, prompt in self.prompts.items()}:
            same = ", in another wording" if set(asked) == set(self.prompts) else ""
            return f"prompts: are {', '.join(asked)}, they were {', '.join(self.prompts)}{same}"
        for name in sorted({*method.settings, *self.settings}):
            if method.settings.get(name) != self.settings.get(name):
                return f"setting {name}: is {method.settings.get(name)}, it was {self.settings.get(name)}"
        return ""
