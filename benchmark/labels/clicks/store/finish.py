"""The checks that both layouts share, and the values that the store holds."""

from __future__ import annotations

import pyarrow as pa

from benchmark.labels.clicks.store.context import Context
from benchmark.labels.clicks.store.convert import flags, labels, like_dates, like_seconds, seconds, times
from benchmark.labels.clicks.store.draft import Draft, check_pages
from benchmark.labels.clicks.store.nested import read_clicks
from benchmark.labels.clicks.store.runs import plain


def finish(draft: Draft, context: Context) -> None:
    """Check ids, pages, clicks, dwell and time; drop what is wrong; set `clicked` and the optional columns."""
    check_pages(draft, context.docnos.string)
    read_clicks(draft, context)
    if "clicked" in draft.per_document:
        raw = draft.per_document.pop("clicked")
        draft.clicked, bad = flags(raw)
        draft.drop_cells(bad, "clicked not 0 or 1", lambda i: f"clicked is {_word(raw[i])}")
    if "dwell" in draft.per_document:
        raw_dwell = draft.per_document["dwell"]
        draft.per_document["dwell"], bad = seconds(raw_dwell)
        draft.drop_cells(bad, "bad dwell", lambda i: f"dwell is {_word(raw_dwell[i])}")
    if "time" in draft.per_impression:
        spelled = draft.per_impression["time"] = plain(draft.per_impression["time"])
        draft.drop(like_dates(spelled), "times as digits of a date", lambda i: _spelled(spelled[i]))
        told = draft.per_impression["time"]
        small = like_seconds(told)
        draft.drop(small, "times in seconds", lambda i: f"time is {_number(told[i])}, which looks like seconds")
        raw_time = draft.per_impression["time"]
        draft.per_impression["time"], bad = times(raw_time)
        draft.drop(bad, "bad time", lambda i: f"time is {_word(raw_time[i])}")
    for columns, name in (
        (draft.per_impression, "session"),
        (draft.per_impression, "text"),
        (draft.per_document, "vertical"),
    ):
        if name in columns:
            columns[name] = labels(columns[name])


def _spelled(value: pa.Scalar) -> str:
    word = _number(value)
    digits = word.strip("' ").split(".")[0]
    return f"time is {word}, which looks like {'yyyymmddHHMMSS'[: len(digits)]}"


def _number(value: pa.Scalar) -> str:
    return _word(value).removesuffix(".0")  # whole numbers of JSON are read as floats


def _word(value: pa.Scalar) -> str:
    word = value.as_py()
    return "missing" if word is None else repr(word)[:40]
