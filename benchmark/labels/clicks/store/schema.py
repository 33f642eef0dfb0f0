"""The Arrow types of a store's files."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

QUERY_LIMIT = 65_535
"""The most documents of one query: their positions are 16-bit."""

PAIR_LIMIT = 2**31 - 1
"""The most pairs: their numbers are 32-bit."""

_OPTIONAL = {
    "session": pa.string(),
    "time": pa.timestamp("ms"),
    "dwell": pa.list_(pa.float32()),
    "vertical": pa.list_(pa.dictionary(pa.int32(), pa.string())),
}


def impressions_schema(columns: Collection[str]) -> pa.Schema:
    """Of impressions.parquet with the given optional columns."""
    fields = [("query", pa.int32()), ("shown", pa.list_(pa.uint16())), ("clicked", pa.list_(pa.bool_()))]
    return pa.schema(fields + [(name, kind) for name, kind in _OPTIONAL.items() if name in columns])


def queries_schema(columns: Collection[str]) -> pa.Schema:
    """Of queries.parquet with the given optional columns."""
    fields = [("qid", pa.string()), ("docnos", pa.list_(pa.string()))]
    return pa.schema(fields + ([("text", pa.string())] if "text" in columns else []))
