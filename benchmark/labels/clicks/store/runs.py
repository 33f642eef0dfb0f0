"""Which rows of a long log stand together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.labels.clicks.store.columns import MISSING
from benchmark.labels.clicks.store.lists import Ints, to_numpy
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
        begins = np.flatnonzero(run_begins(batch.table))
        cut = int(begins[-1]) if len(begins) else 0
        held_broken = batch.broken
        if cut:  # a broken line between the two goes with both
            before, held_broken = batch.broken < batch.rows[cut], batch.broken[batch.broken > batch.rows[cut - 1]]
            yield Batch(batch.table.slice(0, cut), batch.rows[:cut], batch.done, batch.broken[before])
        held = Batch(batch.table.slice(cut), batch.rows[cut:], batch.done, held_broken)
    if held is not None and len(held.rows):
        yield held


def column_of(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()


def plain(values: pa.Array) -> pa.Array:
    """Values that are not numbers of a dictionary."""
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def nameless_of(names: pa.Array) -> npt.NDArray[np.bool_]:
    """Which names of impressions are missing [n]."""
    names = plain(names)
    missing = to_numpy(names.is_null()).astype(bool)
    if pa.types.is_string(names.type) or pa.types.is_large_string(names.type):
        missing |= to_numpy(pc.is_in(names, value_set=pa.array(MISSING, names.type))).astype(bool)
    return missing


def run_begins(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Which rows have another impression than the row before [n]."""
    names = plain(column_of(table, "impression"))
    begins = np.ones(len(names), dtype=bool)
    if len(names) > 1:
        a, b = names.slice(1), names.slice(0, len(names) - 1)
        changed = pc.or_kleene(pc.not_equal(a, b), pc.xor(a.is_null(), b.is_null()))
        begins[1:] = to_numpy(changed.fill_null(False))
    return begins


def run_starts(table: pa.Table) -> tuple[Ints, pa.Array]:
    """The rows at which impressions begin [n], and their names."""
    at: Ints = np.flatnonzero(run_begins(table))
    return at, plain(column_of(table, "impression")).take(pa.array(at))
