"""What can be wrong with an impression, told in one line or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmark.errors import DataError
from benchmark.labels.clicks.store.lists import Ints

BESIDE = "beside a broken line"

REMEDIES = {
    "broken line": "write it anew",
    "not UTF-8": "save the file as UTF-8",
    "mixed types": "write a column in one type throughout",
    "too large": "write such numbers as text in the whole column",
    "missing qid": "fill it in",
    "missing docno": "fill it in",
    "missing impression": "fill it in",
    "empty page": "an impression shows at least one document",
    "clicked not 0 or 1": "write 0 or 1, or booleans",
    "click outside the list": "a click is on a document of the page",
    "list lengths differ": "give one value for each document",
    "bad rank": "ranks are whole numbers from 1",
    "ranks not from 1": "an impression starts at rank 1",
    "rank gap": "the ranks of an impression are 1, 2, 3, ...",
    "two queries": "an impression has one query",
    "duplicate document": "a page shows a document once",
    "bad dwell": "dwell is seconds, not negative, empty where unknown",
    "bad time": "write ISO 8601 or milliseconds since 1970, before 2100",
    "too many documents": "split the query",
}
"""Reasons for which an impression is refused, with what to do; beside them there is `BESIDE`."""

OF_THE_FILE = {
    "times in seconds": "times are milliseconds since 1970: multiply by 1,000",
    "times as digits of a date": "write ISO 8601 (2023-11-14T12:00:00) or milliseconds since 1970",
    "late column": "write it, as null, in the first line",
    "ranks from 0": "ranks count from 1: add 1 to all",
}
"""Reasons that tell of the whole file, not of a row: what else is in it would be read wrongly without complaint."""


@dataclass(frozen=True)
class Place:
    """Where a log is being read: a file, and whether its rows or its lines are counted."""

    file: str
    unit: str

    def error(self, row: int, reason: str, told: str) -> DataError:
        """The one line about a row of the file."""
        if reason in OF_THE_FILE:
            return DataError(f"{self.file}: {self.unit} {row}: {told}; {OF_THE_FILE[reason]}")
        remedy = REMEDIES[reason]
        return DataError(f"{self.file}: {self.unit} {row}: {told}; {remedy}, or leave out such impressions: --skip-bad")


class Problems:
    """Collects what is wrong in a block; the first row is raised, or everything is counted with `skip_bad`.

    What is wrong with the whole file is raised also then.
    """

    def __init__(self, skip_bad: bool) -> None:
        self.skip_bad = skip_bad
        self.skipped: Counter[str] = Counter()
        self._first: tuple[int, DataError] | None = None

    def add(self, place: Place, reason: str, rows: Ints, tell: Callable[[int], str], impressions: int) -> None:
        """`reason` holds at `rows` of the file, which belong to so many impressions; `tell(i)` is about rows[i]."""
        self.skipped[reason] += impressions
        if reason == BESIDE:  # the broken line itself is what is told
            return
        at = int(np.argmin(rows))
        row = int(rows[at])
        if (reason in OF_THE_FILE or not self.skip_bad) and (self._first is None or row < self._first[0]):
            self._first = row, place.error(row, reason, tell(at))

    def settle(self) -> None:
        """Raise the first problem of the block, if any, unless such impressions are skipped."""
        if self._first is not None:
            raise self._first[1]
