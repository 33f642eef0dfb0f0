"""Columns of any accepted type as what the store holds, with a mask of the values that cannot be."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.labels.clicks.store.lists import Ints, to_numpy

Mask = npt.NDArray[np.bool_]
LAST_MILLISECOND = 4_102_444_800_000  # the year 2100
FIRST_MILLISECOND = 10**11  # March 1973; what is less, and not 0, is taken for seconds
_FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1, "False": 0, "True": 1, "FALSE": 0, "TRUE": 1}
_SPELLED = (
    r"^\s*(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"  # yyyymmdd
    r"(([01]\d|2[0-3])[0-5]\d([0-5]\d)?)?(\.0*)?\s*$"  # HHMM, HHMMSS or nothing
)


def encoded(values: pa.Array) -> pa.Array:
    """Values as numbers of their distinct values; nulls without a type count as text."""
    if pa.types.is_null(values.type):
        values = values.cast(pa.string())
    return values if pa.types.is_dictionary(values.type) else values.dictionary_encode()


def _by_distinct(values: pa.Array, of: Callable[[object], float], bad: float) -> npt.NDArray[np.float64]:
    """`of` applied to the distinct values only; `bad` where it raises `ValueError`."""

    def safe(value: object) -> float:
        try:
            return of(value)
        except (ValueError, OverflowError):
            return bad

    coded = encoded(values)
    table = np.array([*map(safe, coded.dictionary.to_pylist()), safe(None)], dtype=np.float64)
    codes = to_numpy(coded.indices.cast(pa.int64()).fill_null(len(table) - 1))
    result: npt.NDArray[np.float64] = table[codes]
    return result


def _number(value: object) -> float:
    """`ValueError` where it is none; nor is `1_0`, which Python would read as 10."""
    text = str(value)
    if "_" in text:
        raise ValueError(text)
    return float(text)


def flags(values: pa.Array) -> tuple[Mask, Mask]:
    """Booleans out of booleans, 0/1 or their texts; bad where neither, or null."""
    if pa.types.is_boolean(values.type):
        missing = to_numpy(values.is_null()).astype(bool)
        return to_numpy(values.fill_null(False)).astype(bool), missing

    def flag(value: object) -> float:
        return float(_FLAGS.get(str(value).strip(), -1))

    found = _by_distinct(values, flag, -1)
    return found == 1, found < 0


def ranks(values: pa.Array) -> tuple[Ints, Mask]:
    """Whole numbers from 1; bad where they are not: 0 where they are 0, else -1."""

    def rank(value: object) -> float:
        number = _number(value)
        return number if number >= 0 and number == math.floor(number) and number < 2**31 else -1

    found = _by_distinct(values, rank, -1).astype(np.int64)
    return found, found < 1


def seconds(values: pa.Array) -> tuple[pa.Array, Mask]:
    """Seconds as float32, null where unknown (null, NaN or empty); bad where negative, infinite or no number."""
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):

        def number(value: object) -> float:
            return math.nan if value is None or not str(value).strip() else _number(value)

        found = _by_distinct(values, number, -1)
    else:
        found = to_numpy(values.cast(pa.float64()).fill_null(math.nan)).astype(np.float64)
    bad = (found < 0) | np.isinf(found)
    return pa.array(found.astype(np.float32), mask=np.isnan(found)), bad


def times(values: pa.Array) -> tuple[pa.Array, Mask]:
    """Timestamps in milliseconds, UTC, null where unknown; bad where no time, before 1970 or after 2099."""
    kind = values.type
    unknown = to_numpy(values.is_null()).astype(bool)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        found = values.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    elif pa.types.is_integer(kind):
        found = values.cast(pa.int64(), safe=False)
    elif pa.types.is_floating(kind):
        found = _whole(to_numpy(values.fill_null(math.nan)).astype(np.float64))
        unknown |= to_numpy(pc.is_nan(values).fill_null(True)).astype(bool)
    else:
        text = pc.utf8_trim_whitespace(values.cast(pa.string()))
        unknown |= to_numpy(pc.equal(text, "").fill_null(True)).astype(bool)
        found = _milliseconds(text)
    at = to_numpy(found.fill_null(-1)).astype(np.int64)
    bad = ~unknown & ((at < 0) | (at > LAST_MILLISECOND))
    return pa.array(at, mask=unknown).cast(pa.timestamp("ms")), bad


def like_seconds(values: pa.Array) -> Mask:
    """Which times are numbers too small for milliseconds since 1970: they would all lie before March 1973."""
    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        number = values.cast(pa.float64(), safe=False)
        small = pc.and_(pc.greater(number, 0), pc.less(number, FIRST_MILLISECOND))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        small = pc.match_substring_regex(values, r"^\s*0*[1-9][0-9]{0,10}(\.[0-9]*)?\s*$")
    else:
        return np.zeros(len(values), dtype=bool)
    return to_numpy(small.fill_null(False)).astype(bool)


def like_dates(values: pa.Array) -> Mask:
    """Which times are numbers that spell a date: yyyymmdd, yyyymmddHHMM or yyyymmddHHMMSS, of 1900 to 2099."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return to_numpy(pc.match_substring_regex(values, _SPELLED).fill_null(False)).astype(bool)
    found = np.zeros(len(values), dtype=bool)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        number = to_numpy(values.cast(pa.float64(), safe=False).fill_null(0)).astype(np.float64)
        for unit in (1e6, 1e10, 1e12):  # of a century
            found |= (number >= 19 * unit) & (number < 21 * unit)
        at = np.flatnonzero(found)
        if len(at):
            text = values.take(pa.array(at)).cast(pa.int64(), safe=False).cast(pa.string())
            found[at] = to_numpy(pc.match_substring_regex(text, _SPELLED)).astype(bool)
    return found


def _milliseconds(text: pa.Array) -> pa.Array:
    """-1 where the text is no time."""
    for kind in (pa.int64(), pa.timestamp("ms"), pa.timestamp("ms", tz="UTC")):
        try:
            return pc.if_else(pc.equal(text, ""), None, text).cast(kind).cast(pa.int64())
        except pa.ArrowInvalid:
            continue

    def time(value: object) -> float:
        word = str(value)
        if word.isdecimal():
            return float(word)
        parsed = datetime.fromisoformat(word)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000

    return _whole(np.floor(_by_distinct(text, time, -1)))


def _whole(milliseconds: npt.NDArray[np.float64]) -> pa.Array:
    """As integers; what is no time stays outside the accepted ones, whatever its size."""
    return pa.array(np.clip(np.nan_to_num(milliseconds, nan=-1), -1, LAST_MILLISECOND + 1).astype(np.int64))


def labels(values: pa.Array) -> pa.Array:
    """Strings, null where empty."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    text = values.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
