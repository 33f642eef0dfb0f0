"""JSON lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as pajson

from benchmark.errors import DataError
from benchmark.labels.clicks.store.columns import COLUMNS, Layout
from benchmark.labels.clicks.store.lists import Ints
from benchmark.labels.clicks.store.problems import Place, Problems
from benchmark.labels.clicks.store.sources.lines import Piece, first_line, text_pieces
from benchmark.labels.clicks.store.sources.source import Batch

LOOKED_AT = 1000
"""Lines from which columns and their types are told."""

_MEASURED = frozenset(
    column.name
    for columns in COLUMNS.values()
    for column in columns
    if column.kind in ("flag", "rank", "seconds", "time")
)
"""Columns whose numbers may be written with a decimal point or without."""


class JsonLinesSource:
    """A JSON lines file; lines count from 1. A column has the type of its first value that is not null.

    Columns are those of the first lines. A value of another one that would have been read is an error, not lost.
    """

    def __init__(self, path: Path) -> None:
        self.place = Place(str(path), "line")
        self._path = path
        first_line(path)  # an empty file ends here
        piece, _ = next(text_pieces(path, self.place, None))
        looked = [row for _, line in islice(piece.numbered(), LOOKED_AT) if (row := _row(line)) is not None]
        if not looked:
            raise DataError(f"{path}: has no JSON object in its first lines; write one object a line, ended by LF")
        self.names = list(dict.fromkeys(name for row in looked for name in row))
        self._types = dict.fromkeys(self.names, pa.null())
        self._learn(looked)
        layout: Layout = "nested" if "docnos" in self.names else "long"
        self._absent = [column.name for column in COLUMNS[layout] if column.name not in self.names]

    @property
    def types(self) -> dict[str, pa.DataType]:
        """As told from the first lines; null where they hold no value."""
        return dict(self._types)

    def batches(self, columns: Collection[str], problems: Problems) -> Iterator[Batch]:
        """See `Source`; raises `DataError` where a column first appears behind the lines that tell the columns."""
        for piece, bad in text_pieces(self._path, self.place, problems):
            table, lines = _parse(piece, self._schema(columns))
            if table is None:
                rows = {n: row for n, line in piece.numbered() if (row := _row(line)) is not None}
                self._check_absent(rows)
                self._learn(list(rows.values()))
                schema = self._schema(columns)
                told = {n: fault for n, line in piece.numbered() if (fault := self._fault(line, schema))}
                for reason in ("broken line", "mixed types", "too large"):
                    at = np.array(sorted(n for n, (why, _) in told.items() if why == reason), dtype=np.int64)
                    if len(at):
                        problems.add(self.place, reason, at, lambda i: told[int(at[i])][1], len(at))  # noqa: B023
                bad = bad + list(told)
                table, lines = _parse(piece.without(set(told) | piece.blank()), schema)
                if table is None:
                    where = f"{self.place.file}: line {piece.first_line} and after"
                    raise DataError(f"{where}: cannot be read as JSON lines; write one object a line")
            yield Batch(table.select(list(columns)), lines, piece.done, np.array(sorted(bad), dtype=np.int64))

    def _check_absent(self, rows: dict[int, dict[str, Any]]) -> None:
        for n, row in rows.items():
            if late := [name for name in self._absent if row.get(name) is not None]:
                raise self.place.error(n, "late column", f"column {late[0]} first appears here")

    def _schema(self, columns: Collection[str]) -> pa.Schema:
        """To read with: the columns, and as null the absent ones, so that a value of these stops the reader.

        Arrow's reader miscounts lists of the null type, so columns of these have the type that is usual.
        """
        usual = {name: pa.list_(pa.float64() if name in _MEASURED else pa.string()) for name in columns}
        known = {name: self._types[name] for name in columns}
        typed = [(name, usual[name] if kind == _UNKNOWN[1] else kind) for name, kind in known.items()]
        return pa.schema(typed + [(name, pa.null()) for name in self._absent])

    def _learn(self, rows: list[dict[str, Any]]) -> None:
        """Set the types that are not known yet from the first values that are not null."""
        for name, known in self._types.items():
            if known not in _UNKNOWN:
                continue
            values = [value for row in rows if (value := row.get(name)) is not None]
            listed = known != pa.null() or bool(values and isinstance(values[0], list))
            items = [item for value in values for item in (value if isinstance(value, list) else [value])]
            kind = next((_arrow(item, name in _MEASURED) for item in items if item is not None), pa.null())
            self._types[name] = pa.list_(kind) if listed else kind

    def _fault(self, line: bytes, schema: pa.Schema) -> tuple[str, str] | None:
        row = _row(line)
        if row is None:
            return "broken line", "is not a JSON object"
        for name, kind in zip(schema.names, schema.types, strict=True):
            value, listed = row.get(name), pa.types.is_list(kind)
            if value is None:
                continue
            if isinstance(value, list) != listed:
                return "mixed types", f"column {name} is {'no' if listed else 'a'} list, unlike in lines before"
            expected = kind.value_type if listed else kind
            for item in value if listed else [value]:
                if item is not None and _arrow(item, name in _MEASURED) != expected:
                    word = json.dumps(item, ensure_ascii=False)[:40]
                    return "mixed types", f"column {name} holds {word} among values of type {_WORDS.get(expected)}"
                if expected == pa.int64() and not -(2**63) <= item < 2**63:
                    return "too large", f"column {name} holds {item}, more than 64 bits hold"
        return None if _parse(Piece(line, 1, 0), schema)[0] is not None else ("broken line", "cannot be read as JSON")


_UNKNOWN = (pa.null(), pa.list_(pa.null()))
_WORDS = {pa.string(): "text", pa.bool_(): "boolean", pa.int64(): "whole number", pa.float64(): "number"}


def _arrow(value: object, measured: bool) -> pa.DataType:
    """The type of one value that is not null; that of lists and objects fits no column."""
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int | float):
        return pa.int64() if isinstance(value, int) and not measured else pa.float64()
    return pa.string() if isinstance(value, str) else pa.struct([])


def _parse(piece: Piece, schema: pa.Schema) -> tuple[pa.Table | None, Ints]:
    lines = piece.filled()
    if len(lines) == 0:
        return schema.empty_table(), lines
    try:
        table = pajson.read_json(
            pa.BufferReader(piece.data),
            pajson.ReadOptions(block_size=len(piece.data) + 1),
            pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid:
        return None, lines
    return (table if len(table) == len(lines) else None), lines


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
