"""Checking every byte and every impression of a store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.errors import DataError
from benchmark.hashing import sha256_file
from benchmark.labels.clicks.store.lists import Ints, flat, to_numpy
from benchmark.labels.clicks.store.manifest import IMPRESSIONS, QUERIES, RESTORE
from benchmark.labels.clicks.store.reader import LogStore

_LISTS = ("clicked", "dwell", "vertical")


def validate(folder: Path) -> LogStore:
    """The store in `folder`; raises `DataError` at the first thing that is wrong with it.

    Checked: the manifest, checksums, types and counts; qids and the docnos of a query are distinct; every impression
    names a query and distinct documents of its list, with as many clicks, dwell times and verticals as documents.
    """
    store = LogStore.open(folder)
    for name, expected in store.manifest.files.items():
        if (found := sha256_file(folder / name)) != expected:
            told = f"sha256 is {found[:12]}..., the manifest says {expected[:12]}..."
            raise DataError(f"{folder / name}: {told}; {RESTORE}")
    _check_queries(store)
    _check_impressions(store)
    return store


def _check_queries(store: LogStore) -> None:
    path = store.folder / QUERIES
    qids = store.qids
    if qids.null_count or len(pc.unique(qids)) < len(qids):
        raise DataError(f"{path}: a qid is missing or stands twice; {RESTORE}")
    first = 0
    for batch in store.query_batches():
        lengths, docnos = flat(batch.column("docnos"))
        codes = to_numpy(docnos.dictionary_encode().indices.fill_null(-1)).astype(np.int64)
        bad = _repeated(lengths, codes)
        bad |= lengths == 0
        if len(codes) and codes.min() < 0:
            bad[np.repeat(np.arange(len(lengths)), lengths)[codes < 0]] = True
        if bad.any():
            at = first + int(np.flatnonzero(bad)[0])
            told = f"row {at + 1}: query {qids[at].as_py()}: documents are missing or stand twice"
            raise DataError(f"{path}: {told}; {RESTORE}")
        first += len(batch)


def _check_impressions(store: LogStore) -> None:
    sizes = np.diff(store.offsets)
    longest, read = 0, 0

    def refuse(bad: np.ndarray[tuple[int], np.dtype[np.bool_]], told: str) -> None:
        if bad.any():
            row = read + int(np.flatnonzero(bad)[0]) + 1
            raise DataError(f"{store.folder / IMPRESSIONS}: row {row}: {told}; {RESTORE}")

    columns = [name for name in _LISTS if name == "clicked" or name in store.manifest.columns]
    for batch in store.batches(["query", "shown", *columns]):
        query = _codes(batch.column("query"))
        refuse((query < 0) | (query >= len(sizes)), f"query is not one of the {len(sizes):,} queries")
        lengths, positions = flat(batch.column("shown"))
        refuse(lengths == 0, "shows no document")
        shown = _codes(positions)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        outside = np.zeros(len(lengths), dtype=bool)
        outside[owner[(shown < 0) | (shown >= sizes[query][owner])]] = True
        refuse(outside, "shows a document that is not in its query's list")
        refuse(_repeated(lengths, shown), "shows a document twice")
        for name in columns:
            found, values = flat(batch.column(name))
            refuse(found != lengths, f"{name} has another length than shown")
            if name == "clicked" and values.null_count:
                raise DataError(f"{store.folder / IMPRESSIONS}: clicked has nulls; {RESTORE}")
        longest = max(longest, int(lengths.max()))
        read += len(batch)
    if longest != store.page_size:
        told = f"the longest page has {longest} documents, the manifest says {store.page_size}"
        raise DataError(f"{store.folder / IMPRESSIONS}: {told}; {RESTORE}")


def _codes(values: pa.Array) -> Ints:
    return to_numpy(values.fill_null(0) if not values.null_count else values.cast(pa.int64()).fill_null(-1)).astype(
        np.int64
    )


def _repeated(lengths: Ints, values: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which lists hold a value twice [n]."""
    if len(lengths) and (lengths == lengths[0]).all():
        matrix = np.sort(values.reshape(len(lengths), -1), axis=1)
        repeated: np.ndarray[tuple[int], np.dtype[np.bool_]] = (matrix[:, 1:] == matrix[:, :-1]).any(axis=1)
        return repeated
    owner = np.repeat(np.arange(len(lengths)), lengths)
    keys = np.sort(owner << 32 | values)
    twice = np.zeros(len(lengths), dtype=bool)
    twice[keys[1:][keys[1:] == keys[:-1]] >> 32] = True
    return twice
