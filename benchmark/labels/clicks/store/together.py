"""Impressions that stand in two places of a log: parts would look like whole pages, repeats would count twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.errors import DataError
from benchmark.labels.clicks.store.hashes import Hashes, hashed, repeated
from benchmark.labels.clicks.store.lists import to_numpy
from benchmark.labels.clicks.store.problems import Problems
from benchmark.labels.clicks.store.runs import nameless_of, run_starts, whole_impressions
from benchmark.labels.clicks.store.sources.source import Source


class Together:
    """Refuses an impression that stands in two places of a file, and one whose rows stand apart in several files.

    Of a file it remembers a hash of each name, 8 bytes; of all files the names that do not begin at rank 1. Of rows
    that stand apart, all places but one do not: in another file, a name that begins at rank 1 again is another
    impression. What is suspected is looked up in the files, which are read again.
    """

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self._cut: list[pa.Array] = []
        self._seen: list[Hashes] = []

    def begin(self, source: Source) -> None:
        """`source` is read from now on."""
        self._sources.append(source)
        self._seen = []

    def see(self, names: pa.Array) -> None:
        """These impressions begin; none of the names is missing."""
        self._seen.append(hashed(names))

    def end(self) -> None:
        """The file was read; raises `DataError` where an impression stands in two places of it."""
        twice, source = repeated(self._seen), self._sources[-1]
        self._seen = []
        if not len(twice):
            return
        cut = set(pa.chunked_array(self._cut, pa.string()).to_pylist())
        seen: dict[str, int] = {}
        for batch in whole_impressions(source.batches(["impression"], Problems(skip_bad=True))):
            at, names = run_starts(batch.table)
            named = np.flatnonzero(~nameless_of(names))
            at, names = at[named], names.take(pa.array(named)).cast(pa.string())
            for i in np.flatnonzero(np.isin(hashed(names), twice)):
                name, row = names[int(i)].as_py(), int(batch.rows[at[i]])
                if name in seen:
                    raise (_apart if name in cut else _again)(name, source, row, source, seen[name])
                seen[name] = row

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


def _again(name: str, source: Source, row: int, other: Source, other_row: int) -> DataError:
    told = f"impression {name} also stands at {other.place.unit} {other_row}; an impression stands once in a file"
    remedy = "leave out the repeat, or give parts that count from the same number as files of their own"
    return DataError(f"{source.place.file}: {source.place.unit} {row}: {told}: {remedy}")


def _apart(name: str, source: Source, row: int, other: Source, other_row: int) -> DataError:
    place, there, remedy = source.place, f"{other.place.unit} {other_row}", "sort the file by impression and rank"
    if other is not source:
        there, remedy = f"{other.place.file}, {there}", "put all of them into one file, sorted by impression and rank"
    told = f"impression {name} also stands at {there}; the rows of an impression stand together"
    return DataError(f"{place.file}: {place.unit} {row}: {told}: {remedy}")
