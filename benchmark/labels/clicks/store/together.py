"""Impressions whose rows stand apart in a log: the place from rank 1 would look like a whole page."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.errors import DataError
from benchmark.labels.clicks.store.lists import to_numpy
from benchmark.labels.clicks.store.problems import Problems
from benchmark.labels.clicks.store.runs import run_starts, whole_impressions
from benchmark.labels.clicks.store.sources.source import Source


class Together:
    """Remembers the impressions that do not begin at rank 1; where one stands elsewhere too, the log is not sorted.

    Of rows that stand apart, all places but one begin below rank 1, so that what is remembered is enough: the other
    impressions are read again, not held.
    """

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self._cut: list[pa.Array] = []

    def begin(self, source: Source) -> None:
        """`source` is read from now on."""
        self._sources.append(source)

    def cut(self, names: pa.Array, row: int) -> None:
        """These do not begin at rank 1, in rows up to `row`; the first of a log are looked for in what was read."""
        if len(names):
            self._cut.append(names.cast(pa.string()))
            if len(self._cut) == 1:
                self.check(row)

    def check(self, until: int | None = None) -> None:
        """Raises `DataError` where one of them stands in two places, of the last file those up to a row."""
        if not self._cut:
            return
        cut = pa.concat_arrays(self._cut).unique()
        seen: dict[str, tuple[Source, int]] = {}
        for source in self._sources:
            for batch in whole_impressions(source.batches(["impression"], Problems(skip_bad=True))):
                if until is not None and source is self._sources[-1] and batch.rows[0] > until:
                    break
                at, names = run_starts(batch.table)
                names = names.cast(pa.string())
                for i in np.flatnonzero(to_numpy(pc.is_in(names, value_set=cut))):
                    name, row = names[int(i)].as_py(), int(batch.rows[at[i]])
                    if name in seen:
                        raise _apart(name, source, row, *seen[name])
                    seen[name] = source, row


def _apart(name: str, source: Source, row: int, other: Source, other_row: int) -> DataError:
    place, there, remedy = source.place, f"{other.place.unit} {other_row}", "sort the file by impression and rank"
    if other is not source:
        there, remedy = f"{other.place.file}, {there}", "put all of them into one file, sorted by impression and rank"
    told = f"impression {name} also stands at {there}; the rows of an impression stand together"
    return DataError(f"{place.file}: {place.unit} {row}: {told}: {remedy}")
