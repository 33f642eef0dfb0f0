"""Reading a store block by block."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import DataError
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.pages import BLOCK, Pages
from benchmark.labels.clicks.store.lists import Ints, flat, padded, to_numpy
from benchmark.labels.clicks.store.manifest import IMPRESSIONS, QUERIES, RESTORE, LogManifest, read_manifest
from benchmark.labels.clicks.store.schema import impressions_schema, queries_schema

CELLS = 1 << 24
"""Documents in a block: where pages are long, a block has fewer of them."""


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Damage found while reading `path` becomes a `DataError` of one line."""
    try:
        yield
    except (OSError, pa.ArrowException, ValueError, LookupError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{path}: is damaged ({reason}); {RESTORE}") from error


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: a log is large
class LogStore:
    """A log on disk: a `PageSource` whose memory does not grow with the number of impressions.

    Pair number = offset[query] + position of the document in the query's list; offset = cumulative list lengths.
    `queries` are rows of queries.parquet; `page_size` (K) is the longest page.
    """

    folder: Path
    manifest: LogManifest
    offsets: Ints

    @classmethod
    def open(cls, folder: Path) -> LogStore:
        """The store in `folder`; raises `DataError` where a file is missing, damaged or not of the manifest's size."""
        manifest = read_manifest(folder)
        for name, schema, rows in (
            (QUERIES, queries_schema(manifest.columns), manifest.queries),
            (IMPRESSIONS, impressions_schema(manifest.columns), manifest.impressions),
        ):
            path = folder / name
            if not path.is_file():
                raise DataError(f"{path}: file is missing; {RESTORE}")
            with _reading(path), pq.ParquetFile(path) as file:
                if not file.schema_arrow.equals(schema):
                    raise DataError(f"{path}: has other columns than the manifest says; {RESTORE}")
                if file.metadata.num_rows != rows:
                    found = f"{file.metadata.num_rows:,} rows, the manifest says {rows:,}"
                    raise DataError(f"{path}: has {found}; {RESTORE}")
        lengths = [flat(batch.column("docnos"))[0] for batch in _batches(folder / QUERIES, ["docnos"], BLOCK)]
        offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
        if offsets[-1] != manifest.pairs:
            raise DataError(
                f"{folder / QUERIES}: has {offsets[-1]:,} pairs, the manifest says {manifest.pairs:,}; {RESTORE}"
            )
        return cls(folder, manifest, offsets)

    def __len__(self) -> int:
        return self.manifest.impressions

    @property
    def simulated(self) -> bool:
        """Whether the clicks are simulated."""
        return self.manifest.simulated

    @property
    def page_size(self) -> int:
        """The most documents on a page (K)."""
        return self.manifest.page_size

    @property
    def pair_count(self) -> int:
        """How many pairs of query and document there are (P)."""
        return int(self.offsets[-1])

    @property
    def pair_query(self) -> npt.NDArray[np.int32]:
        """The query of each pair [P], ascending."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))

    @cached_property
    def qids(self) -> pa.ChunkedArray:
        """The qid of each query, as Arrow strings."""
        with _reading(self.folder / QUERIES):
            return pq.read_table(self.folder / QUERIES, columns=["qid"], partitioning=None)["qid"]

    @cached_property
    def pair_docno(self) -> pa.ChunkedArray:
        """The docno of each pair [P], as Arrow strings; read when first asked for."""
        batches = _batches(self.folder / QUERIES, ["docnos"], BLOCK)
        return pa.chunked_array([batch.column("docnos").flatten() for batch in batches])

    def batches(self, columns: Collection[str]) -> Iterator[pa.RecordBatch]:
        """The named columns of impressions.parquet, a block at a time, in the order of the log."""
        rows = max(1, min(BLOCK, CELLS // self.page_size))
        yield from _batches(self.folder / IMPRESSIONS, list(columns), rows)

    def query_batches(self) -> Iterator[pa.RecordBatch]:
        """All columns of queries.parquet, a block at a time."""
        columns = queries_schema(self.manifest.columns).names
        yield from _batches(self.folder / QUERIES, columns, BLOCK)

    def pages(self) -> Iterator[Pages]:
        """All impressions in blocks (see `PageSource`)."""
        for batch in self.batches(("query", "shown", "clicked")):
            with _reading(self.folder / IMPRESSIONS):
                lengths, shown = flat(batch.column("shown"))
                clicked_lengths, clicked = flat(batch.column("clicked"))
                if not np.array_equal(lengths, clicked_lengths):
                    raise ValueError("shown and clicked differ in length")
                first = self.offsets[:-1][to_numpy(batch.column("query"))].astype(np.int32)
                shown = padded(lengths, to_numpy(shown), self.page_size, 0).astype(np.int32)
                pair = shown + first[:, None]
                if lengths.min() < self.page_size:
                    pair[np.arange(self.page_size) >= lengths[:, None]] = -1
                yield Pages(pair, padded(lengths, to_numpy(clicked).astype(bool), self.page_size, False).astype(bool))

    def frequency(self) -> Ints:
        """Impressions of each query."""
        count = np.zeros(self.manifest.queries, dtype=np.int64)
        for batch in self.batches(("query",)):
            count += np.bincount(to_numpy(batch.column("query")), minlength=len(count))
        return count

    def to_log(self) -> ImpressionLog:
        """The log in memory; `list_size` is the longest list. Raises `DataError` unless all pages have K documents."""
        longest = int(np.diff(self.offsets).max())
        if longest > 255:
            raise DataError(f"{self.folder}: a query has {longest:,} documents, in memory at most 255 are held")
        query, shown, clicked = [], [], []
        for batch in self.batches(("query", "shown", "clicked")):
            lengths, positions = flat(batch.column("shown"))
            if (lengths != self.page_size).any():
                raise DataError(f"{self.folder}: pages differ in length, in memory they must not; read it by pages()")
            query.append(to_numpy(batch.column("query")).astype(np.int32))
            shown.append(to_numpy(positions).astype(np.uint8).reshape(-1, self.page_size))
            clicked.append(to_numpy(batch.column("clicked").flatten()).astype(bool).reshape(-1, self.page_size))
        qids = np.array(self.qids.to_pylist())
        return ImpressionLog(
            qids, np.concatenate(query), np.concatenate(shown), np.concatenate(clicked), longest, self.simulated
        )


def _batches(path: Path, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    with _reading(path), pq.ParquetFile(path) as file:
        yield from file.iter_batches(rows, columns=columns, use_threads=False)
