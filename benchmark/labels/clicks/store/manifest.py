"""`log.json`, the manifest of a store: what the other files hold, to the byte."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, ValidationError

from benchmark.errors import DataError

MANIFEST, QUERIES, IMPRESSIONS = "log.json", "queries.parquet", "impressions.parquet"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RESTORE = "restore it from a copy or import the log again"


class LogManifest(BaseModel):
    """Counts and checksums of a store. `columns` are the optional columns that it has; times are UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    impressions: PositiveInt
    queries: PositiveInt
    pairs: PositiveInt
    documents: PositiveInt
    page_size: PositiveInt
    simulated: bool
    columns: tuple[Literal["session", "time", "dwell", "vertical", "text"], ...] = ()
    sources: tuple[str, ...] = ()
    skipped: dict[str, NonNegativeInt] = {}
    first_time: datetime | None = None
    last_time: datetime | None = None
    files: dict[Literal["queries.parquet", "impressions.parquet"], Sha256]


def read_manifest(folder: Path) -> LogManifest:
    """The manifest of the store in `folder`; raises `DataError` naming what is wrong."""
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError(f"{folder}: is not a click log store (no {MANIFEST}); make one: click-or-llm log import")
    try:
        return LogManifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: manifest cannot be read ({error.strerror}); {RESTORE}") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "JSON"
        raise DataError(f"{path}: manifest is damaged at {where}; {RESTORE}") from error
