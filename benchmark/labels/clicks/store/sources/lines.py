"""Text files in pieces that end with a line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from benchmark.errors import DataError
from benchmark.labels.clicks.store.lists import Ints
from benchmark.labels.clicks.store.problems import Place, Problems

PIECE = 1 << 25
"""Bytes read at a time."""

LONGEST_LINE = 1 << 28
WHITE = b" \t\r\v\f"


@dataclass(frozen=True)
class Piece:
    """Whole lines of a file, the number of the first (from 1) and the share of the file that was read."""

    data: bytes
    first_line: int
    done: float

    def filled(self) -> Ints:
        """The number of each line that is not blank."""
        octets = np.frombuffer(self.data, dtype=np.uint8)
        ends = np.flatnonzero(octets == 10)
        if len(octets) and octets[-1] != 10:
            ends = np.append(ends, len(octets))
        lengths = np.diff(ends, prepend=-1) - 1
        blank = (lengths == 0) | ((lengths == 1) & (octets[np.maximum(ends - 1, 0)] == 13))
        lines: Ints = np.flatnonzero(~blank) + self.first_line
        return lines

    def without(self, lines: set[int]) -> Piece:
        """The same piece with those lines blank: the numbers of the others stay."""
        kept = self.data.split(b"\n")
        for line in lines:
            kept[line - self.first_line] = b""
        return Piece(b"\n".join(kept), self.first_line, self.done)

    def blank(self, white: bytes = WHITE) -> set[int]:
        """The number of each line with nothing but white space."""
        return {at for at, line in enumerate(self.data.split(b"\n"), self.first_line) if not line.strip(white)}

    def numbered(self, white: bytes = WHITE) -> Iterator[tuple[int, bytes]]:
        """Each line that is not blank with its number."""
        for number, line in enumerate(self.data.split(b"\n"), self.first_line):
            if line.strip(white):
                yield number, line


def is_packed(path: Path) -> bool:
    """Whether the name says gzip."""
    return path.suffix.lower() == ".gz"


def first_line(path: Path) -> bytes:
    """The first line of a file without a byte order mark; raises `DataError` where the file is empty."""
    for piece in _pieces(path):
        return piece.data.split(b"\n", 1)[0].rstrip(b"\r")
    raise DataError(f"{path}: is empty; give a file with impressions")


def text_pieces(path: Path, place: Place, problems: Problems | None) -> Iterator[tuple[Piece, list[int]]]:
    """The pieces of a UTF-8 file, lines that are not UTF-8 blank; the numbers of those."""
    for piece in _pieces(path):
        bad: list[int] = []
        try:
            str(piece.data, "utf-8")
        except UnicodeDecodeError:
            bad = [number for number, line in piece.numbered() if not _is_text(line)]
            if problems is not None:
                problems.add(place, "not UTF-8", np.array(bad), lambda i: "is not UTF-8 text", len(bad))
            piece = piece.without(set(bad))
        yield piece, bad


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pieces(path: Path) -> Iterator[Piece]:
    """Raises `DataError` where the file cannot be read or unpacked."""
    try:
        with path.open("rb") as raw:
            size = max(path.stat().st_size, 1)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if is_packed(path) else raw
            rest, line, begun = b"", 1, False
            while True:
                read = stream.read(PIECE)
                if read and not begun:
                    begun, read = True, read.removeprefix(b"\xef\xbb\xbf")
                whole, newline, after = read.rpartition(b"\n")
                if not read:
                    if rest:
                        yield Piece(rest, line, 1.0)
                    return
                if not newline:
                    rest += after
                    if len(rest) > LONGEST_LINE:
                        raise DataError(f"{path}: line {line}: is longer than {LONGEST_LINE:,} bytes; is this text?")
                    continue
                piece = Piece(rest + whole + newline, line, raw.tell() / size)
                line += piece.data.count(b"\n")
                rest = after
                yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: is not a whole gzip file ({error}); write or copy it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); check the file") from error
