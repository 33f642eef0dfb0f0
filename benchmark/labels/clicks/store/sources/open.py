"""The source that fits a file's name."""

from __future__ import annotations

from pathlib import Path

from benchmark.errors import DataError
from benchmark.labels.clicks.store.sources.delimited import DelimitedSource
from benchmark.labels.clicks.store.sources.json_lines import JsonLinesSource
from benchmark.labels.clicks.store.sources.lines import is_packed
from benchmark.labels.clicks.store.sources.parquet import ParquetSource
from benchmark.labels.clicks.store.sources.source import Source


def open_source(path: Path) -> Source:
    """Raises `DataError` where the file is missing, empty or of no known format."""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; check the path")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: is empty; give a file with impressions")
    packed = is_packed(path)
    match (path.with_suffix("") if packed else path).suffix.lower():
        case ".parquet" if not packed:
            return ParquetSource(path)
        case ".csv":
            return DelimitedSource(path, ",")
        case ".tsv":
            return DelimitedSource(path, "\t")
        case ".jsonl" | ".ndjson" | ".json":
            return JsonLinesSource(path)
    raise DataError(
        f"{path}: format is not known by the name; use .parquet, .csv, .tsv or .jsonl (the last three + .gz)"
    )
