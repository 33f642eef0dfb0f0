"""The nested layout: one row per impression."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.labels.clicks.store.context import Context
from benchmark.labels.clicks.store.convert import ranks
from benchmark.labels.clicks.store.draft import Draft
from benchmark.labels.clicks.store.lists import Ints, flat, places, starts
from benchmark.labels.clicks.store.sources.source import Batch

_ALIGNED = ("clicked", "dwell", "vertical")


def nested_draft(batch: Batch, context: Context) -> Draft:
    """The impressions of a batch as they stand; `clicked` is still unread, see `read_clicks` and `finish`."""
    columns = {name: _whole(batch.table.column(name)) for name in batch.table.column_names}
    lengths, docnos = flat(_as_lists(columns["docnos"]))
    draft = Draft(
        context.place,
        context.problems,
        context.qids.string,
        batch.rows,
        context.qids.encode(columns["qid"]),
        lengths,
        np.repeat(batch.rows, lengths),
        context.docnos.encode(docnos),
        np.zeros(len(docnos), dtype=bool),
    )
    for name in ("session", "time", "text"):
        if name in columns:
            draft.per_impression[name] = columns[name]
    for name in ("clicks", "click_ranks"):
        if name in columns:
            draft.per_impression[name] = _as_lists(columns[name])
    unequal = {}
    for name in _ALIGNED:
        if name in columns:
            lists = _as_lists(columns[name])
            draft.per_document[name], unequal[name] = _aligned(lists, lengths, optional=name != "clicked")
    for name, found in unequal.items():
        draft.per_impression[f"_{name}"] = pa.array(found)
    for name in unequal:  # -1 fits; else the length that was found
        found = draft.per_impression[f"_{name}"].to_numpy()

        def tell(i: int, name: str = name, found: npt.NDArray[np.int64] = found) -> str:
            return f"{name} has {found[i]} values for {draft.lengths[i]} documents"

        draft.drop(found >= 0, "list lengths differ", tell)
        del draft.per_impression[f"_{name}"]
    return draft


def read_clicks(draft: Draft, context: Context) -> None:
    """Set `clicked` from the docnos in `clicks` or the ranks in `click_ranks`; drop what lies outside the page."""
    if "clicks" in draft.per_impression:
        lengths, values = flat(draft.per_impression.pop("clicks"))
        owner = np.repeat(np.arange(len(draft)), lengths)
        page = draft.owner << 32 | draft.docno
        order = np.argsort(page)
        wanted = owner << 32 | context.docnos.encode(values)
        at = np.minimum(np.searchsorted(page[order], wanted), max(len(page) - 1, 0))
        cell = order[at]
        outside = page[cell] != wanted
    elif "click_ranks" in draft.per_impression:
        lengths, values = flat(draft.per_impression.pop("click_ranks"))
        owner = np.repeat(np.arange(len(draft)), lengths)
        rank, bad = ranks(values)
        if (rank == 0).any():  # no other click of the file is where it seems to be
            draft.drop(_any(rank == 0, owner, len(draft)), "ranks from 0", lambda i: "click on rank 0")
            return
        outside = bad | (rank > draft.lengths[owner])
        cell = starts(draft.lengths)[owner] + rank - 1
    else:
        return
    draft.clicked[cell[~outside]] = True
    if outside.any():
        first = np.zeros(len(draft), dtype=np.int64)
        first[owner[outside][::-1]] = np.flatnonzero(outside)[::-1]
        dropped = _any(outside, owner, len(draft))
        draft.drop(dropped, "click outside the list", lambda i: f"click on {values[int(first[i])]}, not on the page")


def _any(clicks: npt.NDArray[np.bool_], owner: Ints, impressions: int) -> npt.NDArray[np.bool_]:
    """The impressions of these clicks [n]."""
    found = np.zeros(impressions, dtype=bool)
    found[owner[clicks]] = True
    return found


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _as_lists(column: pa.Array) -> pa.Array:
    """A list column as it is; in text, values are separated by spaces."""
    if pa.types.is_null(column.type):
        return column.cast(pa.list_(pa.null()))
    if not pa.types.is_string(column.type):
        return column
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.ascii_split_whitespace(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))


def _aligned(lists: pa.Array, lengths: Ints, *, optional: bool) -> tuple[pa.Array, Ints]:
    """One value for each document, null where a list does not fit; and the lengths that do not fit, else -1 [n]."""
    found, values = flat(lists)
    differs = found != lengths
    if not differs.any():
        return values, np.full(len(lengths), -1, dtype=np.int64)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    at = starts(found)[owner] + places(lengths)
    unequal = np.where(differs, found, -1)
    if optional:  # a null instead of a list: unknown for every document
        unequal[lists.is_null().to_numpy(zero_copy_only=False)] = -1
    return values.take(pa.array(at, mask=differs[owner])), unequal
