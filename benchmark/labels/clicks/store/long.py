"""The long layout: one row per shown document, the rows of an impression together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmark.labels.clicks.store.context import Context
from benchmark.labels.clicks.store.convert import ranks
from benchmark.labels.clicks.store.draft import Draft
from benchmark.labels.clicks.store.lists import starts, to_numpy
from benchmark.labels.clicks.store.problems import BESIDE
from benchmark.labels.clicks.store.runs import column_of, nameless_of, plain, run_begins
from benchmark.labels.clicks.store.sources.source import Batch


def long_draft(batch: Batch, context: Context) -> Draft:
    """The impressions of a batch of whole impressions, their ranks checked; `clicked` is still unread, see `finish`."""
    table, rows = batch.table, batch.rows
    begins = run_begins(table)
    owner = np.cumsum(begins) - 1
    rank, bad_rank = ranks(column_of(table, "rank"))
    if ((np.diff(rank) < 0) & ~begins[1:]).any():
        order = np.lexsort((rank, owner))
        table, rows, rank, bad_rank = table.take(pa.array(order)), rows[order], rank[order], bad_rank[order]
    first = np.flatnonzero(begins)
    lengths = np.diff(first, append=len(rows))
    names, nameless = column_of(table, "impression"), nameless_of(column_of(table, "impression"))
    if len(rows):
        named = first[~nameless[first]]
        context.together.see(plain(names).take(pa.array(named)))
        cut = named[rank[named] != 1]
        context.together.cut(plain(names).take(pa.array(cut)), int(batch.rows[-1]))
    qid = context.qids.encode(column_of(table, "qid"))
    draft = Draft(
        context.place,
        context.problems,
        context.qids.string,
        np.minimum.reduceat(rows, first) if len(first) else rows,
        qid[first],
        lengths,
        rows,
        context.docnos.encode(column_of(table, "docno")),
        np.zeros(len(rows), dtype=bool),
    )
    names = table.column_names
    draft.per_impression = {
        name: column_of(table, name).take(pa.array(first)) for name in ("session", "time", "text") if name in names
    }
    kept = {name: column_of(table, name) for name in ("clicked", "dwell", "vertical") if name in names}
    draft.per_document = kept | {"_rank": pa.array(rank), "_bad": pa.array(bad_rank), "_qid": pa.array(qid)}
    draft.per_document["_nameless"] = pa.array(nameless)
    draft.per_document["_told"] = column_of(table, "rank")
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
        lambda i: "a line beside this impression is broken",
    )
    draft.drop_cells(cells("_qid") < 0, "missing qid", lambda i: "qid is missing")
    qid = cells("_qid")
    draft.drop_cells(
        qid != np.repeat(draft.qid, draft.lengths),
        "two queries",
        lambda i: f"the impression also has query {draft.qid_of(int(qid[i]))}",
    )
    draft.drop_cells(cells("_rank") == 0, "ranks from 0", lambda i: "rank is 0")
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


def _beside(batch: Batch, first: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Impressions with a broken line among their rows or next to them: a document of theirs may be lost.

    Rows may be in any order within an impression, so that the one behind a broken line may have lost its last document.
    """
    beside = np.zeros(len(first), dtype=bool)
    if len(batch.broken) and len(first):
        before = np.searchsorted(np.minimum.reduceat(rows, first), batch.broken) - 1
        behind = np.searchsorted(np.maximum.reduceat(rows, first), batch.broken)
        beside[before[before >= 0]] = True
        beside[behind[behind < len(first)]] = True
    return beside
