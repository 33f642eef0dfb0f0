"""CSV and TSV files: all values come as text; a list is written in one field, its values separated by spaces."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from benchmark.errors import DataError
from benchmark.labels.clicks.store.problems import Place, Problems
from benchmark.labels.clicks.store.sources.lines import WHITE, Piece, first_line, text_pieces
from benchmark.labels.clicks.store.sources.source import Batch

_RETURN = "holds a carriage return (CR) that does not end it"


class DelimitedSource:
    """A CSV or TSV file with a header, quoted by RFC 4180 but without line breaks in a field; lines count from 1."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self.place = Place(str(path), "line")
        self._path, self._delimiter = path, delimiter
        self._white = WHITE.replace(delimiter.encode(), b"")
        header = first_line(path)
        try:
            self.names = next(csv.reader([header.decode("utf-8")], delimiter=delimiter), [])
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: line 1: the header is not UTF-8; save the file as UTF-8") from error
        except csv.Error as error:
            told = f"the header cannot be read ({error}); is there a header? It must be line 1"
            if b"\r" in header:
                told = f"{_RETURN}; save the file with lines that end in LF or CRLF"
            raise DataError(f"{path}: line 1: {told}") from error
        if len(set(self.names)) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            told = f"column {twice} stands twice; rename one, or is there a header? It must be line 1"
            raise DataError(f"{path}: line 1: {told}")

    @property
    def types(self) -> dict[str, pa.DataType]:
        """None: all is text."""
        return {}

    def batches(self, columns: Collection[str], problems: Problems) -> Iterator[Batch]:
        """See `Source`."""
        for piece, bad in text_pieces(self._path, self.place, problems):
            if piece.first_line == 1:
                piece = piece.without({1})  # the header
            table, lines = self._parse(piece, columns)
            if table is None and (blank := piece.blank(self._white)):
                piece = piece.without(blank)
                table, lines = self._parse(piece, columns)
            if table is None:
                told = {number: fault for number, line in piece.numbered(self._white) if (fault := self._fault(line))}
                at = np.array(sorted(told), dtype=np.int64)
                if len(at):
                    problems.add(self.place, "broken line", at, lambda i: told[int(at[i])], len(at))  # noqa: B023
                table, lines = self._parse(piece.without(set(told)), columns)
                bad = bad + list(told)
                if table is None:
                    raise DataError(
                        f"{self.place.file}: line {piece.first_line} and after: is not regular; check quotes"
                    )
            yield Batch(table, lines, piece.done, np.array(sorted(bad), dtype=np.int64))

    def _parse(
        self, piece: Piece, columns: Collection[str]
    ) -> tuple[pa.Table | None, np.ndarray[tuple[int], np.dtype[np.int64]]]:
        """The rows of a piece and their lines; None where a line does not have the header's fields.

        Behind them an empty row is read: a quote that is still open at the end of the piece swallows it.
        """
        lines = piece.filled()
        wanted = {name: pa.string() for name in columns}
        if len(lines) == 0:
            return pa.table({name: pa.array([], pa.string()) for name in columns}), lines
        end = b"" if piece.data.endswith(b"\n") else b"\n"
        data = b"".join([piece.data, end, self._delimiter.encode() * (len(self.names) - 1), b"\n"])
        try:
            table = pacsv.read_csv(
                pa.BufferReader(data),
                pacsv.ReadOptions(column_names=self.names, block_size=len(data) + 1),
                pacsv.ParseOptions(delimiter=self._delimiter),
                pacsv.ConvertOptions(column_types=wanted, include_columns=list(columns), check_utf8=False),
            )
        except pa.ArrowInvalid:
            return None, lines
        return (table.slice(0, len(lines)) if len(table) == len(lines) + 1 else None), lines

    def _fault(self, line: bytes) -> str | None:
        try:
            fields = next(csv.reader([line.decode("utf-8").rstrip("\r")], delimiter=self._delimiter, strict=True))
        except csv.Error:
            if self._parse(Piece(line, 1, 0), self.names)[0] is not None:  # a field that is too long for `csv`
                return None
            return _RETURN if b"\r" in line.rstrip(b"\r") else "a quoted field does not end on the line"
        expected = len(self.names)
        return None if len(fields) == expected else f"has {len(fields)} fields, the header has {expected}"
