"""agreement.json: what the report says, for programs and pages. Numbers are rounded to `DIGITS` places."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from benchmark.agreement.resample import Estimate

DIGITS = 4
UNWILLING = 0.5
"""A judge that gives less of its probability to the answers it was asked for is said to do so."""


def _rounded(value: Any) -> Any:
    """A number as it is printed; None where it could not be told."""
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else round(value, DIGITS) + 0.0


Number = Annotated[Annotated[float, Field(allow_inf_nan=False)] | None, BeforeValidator(_rounded)]
QuestionSet = Literal["train", "held-out"]


def is_unwilling(mass: float | None) -> bool:
    """Whether a judge would rather have said something else than the answers it was asked for."""
    return mass is not None and mass < UNWILLING


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LabellingInfo(_Strict):
    """One labelling: whose it is, how many questions and documents it has, how the asking ended, and how willingly.

    `mass`: the mean probability that the model gave to the answers it was asked for.
    """

    name: str
    kind: Literal["human", "clicks", "llm", "order"]
    scale: str
    method: str
    model: str
    prompt: str
    language: str
    questions: dict[QuestionSet, int]
    documents: dict[QuestionSet, int]
    statuses: dict[str, int] | None
    mass: Number


class Row(_Strict):
    """A number, its 95 % interval, and of how many queries; `second` is the reference, empty where there is none."""

    first: str
    second: str
    relation: str
    questions: QuestionSet
    stratum: str
    measure: str
    value: Number
    low: Number
    high: Number
    queries: int


class Confusion(_Strict):
    """Documents by (first's category, second's), categories from 0."""

    first: str
    second: str
    questions: QuestionSet
    stratum: str
    queries: int
    counts: list[list[int]]


class Bin(_Strict):
    """Documents whose probability lies between `start` and `end`; share relevant to humans, with interval."""

    name: str
    questions: QuestionSet
    start: Number
    end: Number
    documents: int
    probability: Number
    value: Number
    low: Number
    high: Number
    queries: int


class Place(_Strict):
    """Mean value at a place of the prompt."""

    name: str
    questions: QuestionSet
    position: int
    value: Number
    low: Number
    high: Number
    queries: int


class CrowdNumber(_Strict):
    """A number of the crowd; see `Row`."""

    first: str
    second: str
    measure: str
    value: Number
    low: Number
    high: Number
    queries: int


class CrowdReport(_Strict):
    """Writers who cited from the same ranked passages."""

    file: str
    sha256: str
    queries: int
    passages: int
    writers: list[str]
    rows: list[CrowdNumber]


class Report(_Strict):
    """The agreement report, as kept in agreement.json; see `build`."""

    schema_version: Literal[1] = 1
    task: str
    task_version: str
    task_manifest_sha256: str
    simulated_clicks: bool
    draws: int
    seed: int
    notes: list[str]
    measures: dict[str, str]
    labels: list[LabellingInfo]
    rows: list[Row]
    confusions: list[Confusion]
    bins: list[Bin]
    places: list[Place]
    crowd: CrowdReport | None = None

    def find(self, measure: str, **wanted: str) -> list[Row]:
        """The rows of a measure whose fields are as `wanted`, in order."""
        return [
            row
            for row in self.rows
            if row.measure == measure and all(getattr(row, name) == value for name, value in wanted.items())
        ]

    def text(self) -> str:
        """agreement.json; equal reports give equal bytes."""
        return self.model_dump_json(indent=1) + "\n"


def numbers(estimate: Estimate) -> dict[str, float | int]:
    """The fields of a row that hold an estimate."""
    return estimate._asdict()
