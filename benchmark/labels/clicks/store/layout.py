"""Which layout a file has, and whether its columns are of types that can be read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import pyarrow as pa

from benchmark.errors import DataError
from benchmark.labels.clicks.store.columns import CLICKS, COLUMNS, OPTIONAL, Column, Kind, Layout
from benchmark.labels.clicks.store.sources.source import Source

HELP = "columns: click-or-llm log import --help"


def find_layout(source: Source) -> Layout:
    """Nested where there is a column `docnos`, long where there is `docno`; `DataError` where columns are missing."""
    file, names = source.place.file, source.names
    if ("docnos" in names) == ("docno" in names):
        if "docno" in names:
            raise DataError(f"{file}: has both docno and docnos; {HELP}")
        told = f"has no column docno or docnos{_near('docno', names)}, it has {_listed(names) or 'none'}"
        raise DataError(f"{file}: {told}; {HELP}")
    layout: Layout = "nested" if "docnos" in names else "long"
    for column in COLUMNS[layout]:
        if column.required and column.name not in names:
            raise DataError(f"{file}: has no column {column.name}{_near(column.name, names)}; {HELP}")
    found = [name for name in CLICKS if name in names]
    if layout == "nested" and len(found) != 1:
        told = f"has {' and '.join(found)}" if found else "does not say what was clicked"
        raise DataError(f"{file}: {told}, give one of {', '.join(CLICKS)}; {HELP}")
    _check_types(file, layout, source.types)
    return layout


def columns_of(source: Source, layout: Layout) -> list[str]:
    """The columns to read."""
    return [column.name for column in COLUMNS[layout] if column.name in source.names]


def optional_of(source: Source) -> tuple[str, ...]:
    """The optional columns that the file has."""
    return tuple(name for name in OPTIONAL if name in source.names)


def _near(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f" (rename {near[0]}?)" if near else ""


def _listed(names: list[str]) -> str:
    shown = [repr(name[:40])[1:-1] or "''" for name in names[:20]]  # no line break, no page of text
    return ", ".join(shown) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _check_types(file: str, layout: Layout, types: Mapping[str, pa.DataType]) -> None:
    for column in COLUMNS[layout]:
        if column.name not in types:
            continue
        kind = types[column.name]
        if pa.types.is_null(kind):  # no value at all: each row will say what it lacks
            continue
        if _is_list(kind) != column.listed:
            expected = "a list" if column.listed else "one value"
            raise DataError(f"{file}: column {column.name} is {kind}, each row must hold {expected}; {HELP}")
        if not _fits(column, kind.value_type if column.listed else kind):
            raise DataError(f"{file}: column {column.name} is {kind}, it must hold {_WORDS[column.kind]}; {HELP}")
    if "clicks" in types and _is_id_number(types["clicks"]) and not _is_id_number(types["docnos"]):
        raise DataError(f"{file}: clicks holds numbers and docnos text; ranks go into a column click_ranks; {HELP}")


_WORDS: dict[Kind, str] = {
    "id": "text or whole numbers",
    "flag": "0/1 or booleans",
    "rank": "whole numbers",
    "seconds": "numbers",
    "time": "timestamps, ISO 8601 text or milliseconds",
    "label": "text or whole numbers",
}


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_id_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind.value_type))


def _fits(column: Column, kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return pa.types.is_null(kind) or bool(
        {
            "id": text or pa.types.is_integer(kind),
            "flag": pa.types.is_boolean(kind) or number,
            "rank": number,
            "seconds": number,
            "time": pa.types.is_timestamp(kind) or pa.types.is_date(kind) or number or text,
            "label": text or pa.types.is_integer(kind),
        }[column.kind]
    )
