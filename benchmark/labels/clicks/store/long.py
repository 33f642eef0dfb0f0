"""The long layout: one row per shown document, the rows of an impression together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.labels.clicks.store.columns import MISSING
from benchmark.labels.clicks.store.context import Context
from benchmark.labels.clicks.store.convert import ranks
from benchmark.labels.clicks.store.draft import Draft
from benchmark.labels.clicks.store.lists import starts, to_numpy
from benchmark.labels.clicks.store.problems import BESIDE
from benchmark.labels.clicks.store.sources.source import Batch


def whole_impressions(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same rows in batches that end with an impression: the last one waits for the next batch."""
    held: Batch | None = None
    for batch in batches:
        if held is not None:
            table = (
                pa.concat_tables([held.table, batch.table], promote_options="permissive")
                .unify_dictionaries()
                .combine_chunks()
            )
            rows, broken = np.concatenate([held.rows, batch.rows]), np.concatenate([held.broken, batch.broken])
            batch = Batch(table, rows, batch.done, broken)
        begins = np.flatnonzero(_begins(batch.table))
        cut = int(begins[-1]) if len(begins) else 0
        # A broken line goes with the impression before it.
        behind = batch.broken > batch.rows[cut] if len(begins) else np.zeros(len(batch.broken), dtype=bool)
        if cut:
            yield Batch(batch.table.slice(0, cut), batch.rows[:cut], batch.done, batch.broken[~behind])
        held = Batch(batch.table.slice(cut), batch.rows[cut:], batch.done, batch.broken[behind])
    if held is not None and len(held.rows):
        yield held


def long_draft(batch: Batch, context: Context) -> Draft:
    """The impressions of a batch of whole impressions, their ranks checked; `clicked` is still unread, see `finish`."""
    table, rows = batch.table, batch.rows
    begins = _begins(table)
    owner = np.cumsum(begins) - 1
    rank, bad_rank = ranks(_column(table, "rank"))
    if ((np.diff(rank) < 0) & ~begins[1:]).any():
        order = np.lexsort((rank, owner))
        table, rows, rank, bad_rank = table.take(pa.array(order)), rows[order], rank[order], bad_rank[order]
    first = np.flatnonzero(begins)
    lengths = np.diff(first, append=len(rows))
    qid = context.qids.encode(_column(table, "qid"))
    draft = Draft(
        context.place,
        context.problems,
        context.qids.string,
        np.minimum.reduceat(rows, first) if len(first) else rows,
        qid[first],
        lengths,
        rows,
        context.docnos.encode(_column(table, "docno")),
        np.zeros(len(rows), dtype=bool),
    )
    names = table.column_names
    draft.per_impression = {
        name: _column(table, name).take(pa.array(first)) for name in ("session", "time", "text") if name in names
    }
    kept = {name: _column(table, name) for name in ("clicked", "dwell", "vertical") if name in names}
    draft.per_document = kept | {"_rank": pa.array(rank), "_bad": pa.array(bad_rank), "_qid": pa.array(qid)}
    draft.per_document["_nameless"] = pa.array(_nameless(_column(table, "impression")))
    draft.per_document["_told"] = _column(table, "rank")
    draft.per_impression["_beside"] = pa.array(_beside(batch, first, draft.cell_row))
    _check_ranks(draft)
    return draft


def _check_ranks(draft: Draft) -> None:
    def cells(name: str) -> npt.NDArray[np.int64]:
        return to_numpy(draft.per_document[name]).astype(np.int64)

    draft.drop_cells(cells("_nameless") == 1, "missing impression", lambda i: "impression is missing")
    draft.drop(
        to_numpy(draft.per_impression["_beside"]).astype(bool),
        BESIDE,
        lambda i: "the line behind this impression is broken",
    )
    draft.drop_cells(cells("_qid") < 0, "missing qid", lambda i: "qid is missing")
    qid = cells("_qid")
    draft.drop_cells(
        qid != np.repeat(draft.qid, draft.lengths),
        "two queries",
        lambda i: f"the impression also has query {draft.qid_of(int(qid[i]))}",
    )
    told = draft.per_document["_told"]
    draft.drop_cells(cells("_bad") == 1, "bad rank", lambda i: f"rank is {told[i].as_py()}")
    rank = cells("_rank")
    first = rank[starts(draft.lengths)]
    draft.drop(first != 1, "ranks not from 1", lambda i: f"the first rank is {first[i]}")
    gapped, expected = cells("_rank"), draft.rank
    draft.drop_cells(
        gapped != expected,
        "rank gap",
        lambda i: f"rank {gapped[i]} stands twice" if gapped[i] < expected[i] else f"rank {expected[i]} is missing",
    )
    for name in [name for name in draft.per_document if name.startswith("_")]:
        del draft.per_document[name]
    del draft.per_impression["_beside"]


def _column(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _begins(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Which rows have another impression than the row before [n]."""
    names = _plain(_column(table, "impression"))
    begins = np.ones(len(names), dtype=bool)
    if len(names) > 1:
        a, b = names.slice(1), names.slice(0, len(names) - 1)
        changed = pc.or_kleene(pc.not_equal(a, b), pc.xor(a.is_null(), b.is_null()))
        begins[1:] = to_numpy(changed.fill_null(False))
    return begins


def _nameless(names: pa.Array) -> npt.NDArray[np.bool_]:
    names = _plain(names)
    missing = to_numpy(names.is_null()).astype(bool)
    if pa.types.is_string(names.type) or pa.types.is_large_string(names.type):
        missing |= to_numpy(pc.is_in(names, value_set=pa.array(MISSING, names.type))).astype(bool)
    return missing


def _beside(batch: Batch, first: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Impressions with a broken line among or directly behind their rows: a document of theirs may be lost."""
    beside = np.zeros(len(first), dtype=bool)
    if len(batch.broken) and len(first):
        begin = np.minimum.reduceat(rows, first)
        at = np.searchsorted(begin, batch.broken) - 1
        beside[at[at >= 0]] = True
    return beside
