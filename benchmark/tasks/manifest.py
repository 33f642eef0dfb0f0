"""The manifest of a task: what it is made of, to the byte, and how its numbers were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import DataError
from benchmark.hashing import sha256_file

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StratumCut(_Strict):
    """One frequency stratum: its traffic share, its range of impressions per question and its questions by split."""

    name: str
    most_impressions: int
    fewest_impressions: int
    train: int
    dev: int
    test: int
    test_seen: int


class Manifest(_Strict):
    """Checksums, cuts and counts of a published task; a mismatch stops every command."""

    task: str
    version: str
    seed: int
    zipf_exponent: float
    zipf_total: int
    cumulative_shares: list[float]
    strata: list[StratumCut]
    questions: int
    questions_without_answer_in_list: int
    documents: int
    list_size: int
    annotated_per_stratum: int
    train_on_seen: bool
    package: dict[str, Sha256]
    published: dict[str, Sha256]


def read_manifest(path: Path) -> Manifest:
    """The manifest in a JSON file; raises `DataError` naming what is wrong."""
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: manifest cannot be read ({error.strerror}); reinstall click-or-llm") from error
    except (ValidationError, UnicodeDecodeError) as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "text"
        raise DataError(f"{path}: manifest is damaged at {where}; restore it: git checkout -- {path}") from error


def verify(folder: Path, sha256: Mapping[str, str], remedy: str) -> None:
    """Compare each file under `folder` with its SHA-256; `DataError` with the remedy at the first that differs."""
    for name, expected in sha256.items():
        path = folder / name
        if not path.is_file():
            raise DataError(f"{path}: file is missing; {remedy}")
        if (found := sha256_file(path)) != expected:
            raise DataError(f"{path}: sha256 is {found[:12]}..., the manifest says {expected[:12]}...; {remedy}")
