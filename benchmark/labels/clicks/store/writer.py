"""Writing a store, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmark.errors import DataError
from benchmark.hashing import sha256_file
from benchmark.labels.clicks.store.columns import OPTIONAL
from benchmark.labels.clicks.store.distinct import Distinct
from benchmark.labels.clicks.store.folder import whole_folder
from benchmark.labels.clicks.store.lists import Ints, make_lists
from benchmark.labels.clicks.store.manifest import IMPRESSIONS, MANIFEST, QUERIES, LogManifest
from benchmark.labels.clicks.store.schema import PAIR_LIMIT, QUERY_LIMIT, impressions_schema, queries_schema

ROW_GROUP = 1 << 17
"""Impressions in a row group: what is held before it is written."""


class LogWriter:
    """A context manager that writes a store; the folder appears when the block ends well, else nothing is left.

    `columns` are the optional columns (session, time, dwell, vertical, text) that every block brings. Impressions come
    by `write` (matrices) or `write_flat` (lists of any lengths), the queries once, before or after, by `write_queries`.
    `skipped` and `sources` may be set until the end. Raises `DataError` when the folder exists (see `whole_folder`) or
    nothing was written, `ValueError` when a block's shapes do not fit.
    """

    def __init__(
        self,
        folder: Path,
        *,
        simulated: bool,
        columns: Iterable[str] = (),
        sources: Iterable[str] = (),
        overwrite: bool = False,
    ) -> None:
        wanted = set(columns)
        if unknown := wanted - set(OPTIONAL):
            raise ValueError(f"there is no optional column {sorted(unknown)}")
        self.columns = tuple(name for name in OPTIONAL if name in wanted)
        self.sources = list(sources)
        self.skipped: Mapping[str, int] = {}
        self.impressions = 0
        self._target, self._simulated, self._overwrite = folder, simulated, overwrite
        self._schema = impressions_schema(self.columns)
        self._held: list[pa.RecordBatch] = []
        self._held_rows, self._page_size, self._queries, self._pairs, self._documents = 0, 0, 0, 0, 0
        self._last_query = -1
        self._times: list[int] = []

    def __enter__(self) -> LogWriter:
        self._place: AbstractContextManager[Path] = whole_folder(self._target, overwrite=self._overwrite)
        self._folder = self._place.__enter__()
        try:
            self._file = _parquet(self._folder / IMPRESSIONS, self._schema)
        except BaseException as failed:
            self._place.__exit__(type(failed), failed, failed.__traceback__)
            raise
        return self

    def write(
        self,
        query: npt.NDArray[np.integer[Any]],
        shown: npt.NDArray[np.integer[Any]],
        clicked: npt.NDArray[np.bool_],
        *,
        session: Iterable[str | None] | None = None,
        time: npt.NDArray[np.datetime64] | None = None,
        dwell: npt.NDArray[np.floating[Any]] | None = None,
        vertical: npt.NDArray[np.str_] | None = None,
    ) -> None:
        """Add I impressions: `query` [I], `shown` [I, K] with -1 behind the end of a page, the others [I] or [I, K]."""
        if shown.ndim != 2 or shown.shape != clicked.shape or len(query) != len(shown):
            raise ValueError(f"query {query.shape}, shown {shown.shape} and clicked {clicked.shape} do not fit")
        there = shown >= 0
        lengths = there.sum(axis=1)
        if (there[:, 1:] > there[:, :-1]).any():
            raise ValueError("shown has -1 before the end of a page")
        full = bool(there.all())
        flat_columns: dict[str, pa.Array] = {}
        if vertical is not None:
            words = vertical.ravel() if full else vertical[there]
            flat_columns["vertical"] = pa.array(words.tolist(), pa.string()).dictionary_encode()
        if dwell is not None:
            seconds = (dwell.ravel() if full else dwell[there]).astype(np.float32)
            flat_columns["dwell"] = pa.array(seconds, mask=np.isnan(seconds))
        if session is not None:
            flat_columns["session"] = pa.array(list(session), pa.string())
        if time is not None:
            flat_columns["time"] = pa.array(time.astype("datetime64[ms]"))
        self.write_flat(
            query,
            lengths,
            shown.ravel() if full else shown[there],
            clicked.ravel() if full else clicked[there],
            flat_columns,
        )

    def write_flat(
        self,
        query: npt.NDArray[np.integer[Any]],
        lengths: Ints,
        shown: npt.NDArray[np.integer[Any]],
        clicked: npt.NDArray[np.bool_],
        columns: Mapping[str, pa.Array] | None = None,
    ) -> None:
        """Add impressions of pages of `lengths` [I]; the others are flat, page after page; `columns` by name."""
        if len(query) == 0:
            return
        extra = dict(columns or {})
        expected = set(self.columns) - {"text"}
        if set(extra) != expected:
            raise ValueError(f"the block brings columns {sorted(extra)}, the store has {sorted(expected)}")
        if lengths.min() < 1 or not len(shown) == len(clicked) == lengths.sum():
            raise ValueError("the lengths do not fit the documents, or a page is empty")
        if shown.dtype != np.uint16 and not 0 <= shown.min() <= shown.max() < QUERY_LIMIT:
            raise ValueError(f"positions must lie in 0 to {QUERY_LIMIT - 1}")
        arrays: dict[str, pa.Array] = {
            "query": pa.array(query.astype(np.int32, copy=False)),
            "shown": make_lists(lengths, pa.array(shown.astype(np.uint16, copy=False))),
            "clicked": make_lists(lengths, pa.array(clicked)),
        }
        for name, values in extra.items():
            kind = self._schema.field(name).type
            if pa.types.is_list(kind):
                arrays[name] = make_lists(lengths, values.cast(kind.value_type))
            else:
                arrays[name] = values.cast(kind)
        if "time" in arrays and (span := pc.min_max(arrays["time"].cast(pa.int64())).as_py())["min"] is not None:
            self._times = [min([span["min"], *self._times]), max([span["max"], *self._times])]
        self._held.append(pa.record_batch([arrays[field.name] for field in self._schema], schema=self._schema))
        self._held_rows += len(query)
        self.impressions += len(query)
        self._page_size = max(self._page_size, int(lengths.max()))
        self._last_query = max(self._last_query, int(query.max()))
        if self._held_rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            table = pa.Table.from_batches(self._held)
            self._file.write_table(table, row_group_size=ROW_GROUP)
        self._held, self._held_rows = [], 0

    def write_queries(self, queries: Iterable[pa.RecordBatch]) -> None:
        """The queries in the order of their numbers: batches of `qid`, `docnos` (lists) and, if declared, `text`."""
        schema = queries_schema(self.columns)
        docnos = Distinct()
        with _parquet(self._folder / QUERIES, schema) as file:
            for batch in queries:
                file.write_batch(batch.select(schema.names).cast(schema))
                documents = batch.column("docnos").flatten()
                docnos.add(documents)
                self._queries += len(batch)
                self._pairs += len(documents)
                if self._pairs > PAIR_LIMIT:
                    raise DataError(f"{self._target}: more than {PAIR_LIMIT:,} pairs of query and document; split it")
        self._documents = docnos.count()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
                self._file.close()
                self._finish()
        except BaseException as failed:
            self._place.__exit__(type(failed), failed, failed.__traceback__)
            raise
        finally:
            if kind is not None:
                _close_quietly(self._file)
        self._place.__exit__(kind, error, trace)

    def _finish(self) -> None:
        if self.impressions == 0:
            told = f" ({', '.join(f'{n:,} {reason}' for reason, n in self.skipped.items())})" if self.skipped else ""
            raise DataError(f"{self._target}: no impression is left to store{told}; nothing was written")
        if self._last_query >= self._queries:
            raise ValueError(f"impressions name query {self._last_query}, there are {self._queries}")
        times: Sequence[datetime | None] = [datetime.fromtimestamp(at / 1000, UTC) for at in self._times] or [
            None,
            None,
        ]
        manifest = LogManifest(
            impressions=self.impressions,
            queries=self._queries,
            pairs=self._pairs,
            documents=self._documents,
            page_size=self._page_size,
            simulated=self._simulated,
            columns=self.columns,
            sources=tuple(self.sources),
            skipped=dict(self.skipped),
            first_time=times[0],
            last_time=times[1],
            files={name: sha256_file(self._folder / name) for name in (QUERIES, IMPRESSIONS)},
        )
        (self._folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, write_statistics=False)


def _close_quietly(file: pq.ParquetWriter) -> None:
    with suppress(OSError, pa.ArrowException):  # the folder is removed anyway
        file.close()
