"""The columns of a log of one's own: what the importer reads, what it checks and what its help says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layout = Literal["nested", "long"]
Kind = Literal["id", "flag", "rank", "seconds", "time", "label"]
MISSING = ("", "nan", "NaN", "null", "NULL", "None", "<NA>")
"""Texts that count as a missing qid, docno or impression: what other programs write where a value is absent."""


@dataclass(frozen=True)
class Column:
    """One column of a log: its name, what kind of value it holds, whether as a list, and what it means."""

    name: str
    kind: Kind
    says: str
    listed: bool = False
    required: bool = False


CLICKS = ("clicked", "clicks", "click_ranks")
"""How the nested layout says what was clicked: one of these."""

COLUMNS: dict[Layout, tuple[Column, ...]] = {
    "nested": (
        Column("qid", "id", "the query: text or integer", required=True),
        Column("docnos", "id", "the documents shown, from rank 1", listed=True, required=True),
        Column("clicked", "flag", "of each document, whether it was clicked: 0/1", listed=True),
        Column("clicks", "id", "or instead: the docnos that were clicked", listed=True),
        Column("click_ranks", "rank", "or instead: the ranks that were clicked", listed=True),
        Column("session", "label", "the session of the impression"),
        Column("time", "time", "timestamp, ISO 8601 text, or milliseconds since 1970"),
        Column("dwell", "seconds", "seconds on each document, null: unknown", listed=True),
        Column("vertical", "label", "the kind of result of each document", listed=True),
        Column("text", "label", "the words of the query; the first seen are kept"),
    ),
    "long": (
        Column("impression", "id", "the impression; its rows stand together", required=True),
        Column("qid", "id", "its query: text or integer, the same in all its rows", required=True),
        Column("docno", "id", "the document shown", required=True),
        Column("rank", "rank", "its rank, from 1, without gaps", required=True),
        Column("clicked", "flag", "whether it was clicked: 0/1 or a boolean", required=True),
        Column("session", "label", "the session, read from the impression's first row"),
        Column("time", "time", "as above, read from the impression's first row"),
        Column("dwell", "seconds", "seconds on the document, empty: unknown"),
        Column("vertical", "label", "the kind of result"),
        Column("text", "label", "the words of the query; the first seen are kept"),
    ),
}
OPTIONAL = ("session", "time", "dwell", "vertical", "text")


def column_help() -> str:
    """The columns of both layouts, one a line, for `--help`."""
    title = {"nested": "Nested: one row per impression", "long": "Long: one row per shown document"}
    lines: list[str] = []
    for layout, columns in COLUMNS.items():
        for name, of in (
            (title[layout], [column for column in columns if column.name not in OPTIONAL]),
            ("optional", [column for column in columns if column.name in OPTIONAL]),
        ):
            lines.append(name if of[0].name not in OPTIONAL else "  optional:")
            lines += [f"  {column.name:<12}{'list' if column.listed else '':<5}{column.says}" for column in of]
        lines.append("")
    return "\n".join(lines).rstrip()
