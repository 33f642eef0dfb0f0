"""The record of one cell (system x task x seed): everything that made a number, and the number.

Beside `<seed>.json` lie `<seed>.scores.parquet` (one row per test query, one column per measure), `<seed>.run.gz` (the
TREC run) and `<seed>.ir-metadata.yml`. A record says of each file what its SHA-256 is.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import RecordError
from benchmark.families import FAMILIES as FAMILIES
from benchmark.families import Family
from benchmark.names import NAME

SCHEMA_VERSION = 1
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_OF_ONE_SEED = "no epoch of training was kept"  # see `ListwiseRanker.fit_curriculum`


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Environment(_Strict):
    """What the cell ran on; these fields differ between machines and decide nothing."""

    created: str
    seconds: Annotated[float, Field(ge=0)]
    platform: str
    processor: str
    python: str
    packages: dict[str, str]


class Record(_Strict):
    """One cell. `scores.<measure>.<group>` is a mean over test queries; a group is macro, a stratum, seen or unseen."""

    schema_version: Literal[1] = 1
    system: Annotated[str, Field(pattern=NAME)]
    family: Family
    description: str
    cite: str = ""
    source: str
    task: str
    task_version: str
    track: Literal["features", "cross-encoder", "open"]
    seed: Annotated[int, Field(ge=0)]
    identity: Sha256
    manifest: Sha256
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    labels: list[str]
    dev_choices: list[str]
    command: str
    queries: dict[str, int]
    scores: dict[str, dict[str, Unit]]
    tie_rate: Unit
    files: dict[str, Sha256]
    environment: Environment

    @property
    def learned_from(self) -> list[str]:
        """The labels, without what they say of this seed alone."""
        return [label for label in self.labels if not label.startswith(_OF_ONE_SEED)]

    @property
    def of_its_seed(self) -> list[str]:
        """What the labels say of this seed alone."""
        return [label for label in self.labels if label.startswith(_OF_ONE_SEED)]

    @property
    def submission(self) -> str:
        """The folder of the submission that it is of; empty for what is installed."""
        words = shlex.split(self.command)
        return words[words.index("--submission") + 1] if "--submission" in words else ""


def read_record(path: Path) -> Record:
    """The record in a JSON file; raises `RecordError` naming the file and the field that is wrong."""
    try:
        return Record.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: {first_problem(error)}; delete it and run the cell again") from error


def first_problem(error: ValidationError | UnicodeDecodeError) -> str:
    """The first thing wrong in a pydantic error, in one line: the field and the reason."""
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text"
    problem = error.errors()[0]
    return f"{'.'.join(map(str, problem['loc'])) or 'JSON'}: {problem['msg']}"


def read_scores(record_path: Path) -> pd.DataFrame:
    """Per-query scores beside a record: columns `qid`, `stratum`, `seen` and one per measure, sorted by qid."""
    path = record_path.with_suffix(".scores.parquet")
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: cannot be read ({error}); delete it and run the cell again") from error
