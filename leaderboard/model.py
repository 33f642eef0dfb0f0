"""What leaderboard.json holds, as types: everything that a page or a table prints, already rounded."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from benchmark.families import Family

VERSION = "0.2.0.dev0"
"""The version that a citation names; raise it whenever the score of an existing row moves."""

DECIMALS = 6
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Signed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Difference = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Score(_Strict):
    """A mean over queries and seeds, and its 95 % interval; None of fewer queries than an interval needs."""

    mean: Unit
    low: Unit | None
    high: Unit | None


class Effect(_Strict):
    """A difference between two means, and its 95 % interval; None of fewer queries than an interval needs."""

    mean: Difference
    low: Difference | None
    high: Difference | None


class RunFile(_Strict):
    """The files of one seed, relative to the folder that holds the results, and the SHA-256 of the run where known."""

    seed: int
    record: str
    run: str
    sha256: str | None


class Row(_Strict):
    """One system on one task. `scores.<measure>.<group>`; without a tier where incomplete, or a probe."""

    task: str
    track: Literal["features", "cross-encoder", "open"]
    system: str
    family: Family
    description: str
    cite: str
    source: str
    labels: list[str]
    dev_choices: list[str]
    seeds: list[int]
    complete: bool
    tier: Annotated[int, Field(ge=1)] | None
    tie_rate: Unit
    command: str
    runs: list[RunFile]
    scores: dict[str, dict[str, Score]]


class Comparison(_Strict):
    """Two systems: mean of the first minus mean of the second, and the adjusted p, on macro and in each stratum."""

    first: str
    second: str
    difference: dict[str, Signed]
    p: dict[str, Unit]


class Interaction(_Strict):
    """clicks - llm in each stratum, and how much larger that gap is on `high` than elsewhere.

    `estimate` is high - low, `estimate_medium` high - medium; `p` and `p_medium` are theirs, corrected for each other
    (Holm). `p_gap` is the p of the gap in each stratum, adjusted as in `comparisons`. What is of medium is None where
    that stratum has fewer than two queries.
    """

    clicks: str
    llm: str
    high: Effect
    medium: Effect | None
    low: Effect
    p_gap: dict[str, Unit]
    estimate: Effect
    estimate_medium: Effect | None
    p: Unit
    p_medium: Unit | None


class Task(_Strict):
    """What all rows of a task share. `headline` is the group that ranks the rows: macro wherever there is one.

    `mde` is the minimum detectable effect of one comparison, `told_apart` that after correction for all pairs. `alike`
    are rows with the same scores on every query, under every seed and by every measure.
    """

    title: str
    simulated_log: bool
    licence: str
    notes: list[str]
    track: Literal["features", "cross-encoder", "open"]
    task_version: str
    manifest: str
    share: float
    queries: dict[str, int]
    seeds: list[int]
    headline: str
    mde: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]]
    told_apart: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    alike: list[list[str]] = []
    comparisons: list[Comparison]
    interaction: Interaction | None


class Environment(_Strict):
    """Where and when the seeds of a row were run: the only fields that differ between two runs of equal scores."""

    first: str
    last: str
    seconds: float
    platforms: list[str]
    processors: list[str]
    pythons: list[str]


class Standings(_Strict):
    """The whole leaderboard. `content` is the SHA-256 of tasks and rows; `environments` is by `<task>/<system>`."""

    version: str
    content: str
    tasks: dict[str, Task]
    rows: list[Row]
    environments: dict[str, Environment]

    def rows_of(self, task: str) -> list[Row]:
        """The rows of a task in the order of the table."""
        return [row for row in self.rows if row.task == task]
