"""64-bit hashes of names, to find those that may stand twice without keeping the names."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmark.labels.clicks.store.lists import places, starts

Hashes = npt.NDArray[np.uint64]
_BASE = np.uint64(0x9E3779B97F4A7C15)


def hashed(names: pa.Array) -> Hashes:
    """sum_i (b_i + 1) K^i mod 2^64 over the bytes b_1, b_2, ... of each name [n]; names are not null and not empty."""
    text = names.cast(pa.large_string())
    if not len(text):
        return np.zeros(0, dtype=np.uint64)
    _, offsets, octets = text.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    lengths = np.diff(ends)
    terms = np.frombuffer(octets, dtype=np.uint8)[ends[0] : ends[-1]].astype(np.uint64)
    terms += np.uint64(1)
    powers = np.multiply.accumulate(np.full(int(lengths.max()), _BASE))
    terms *= powers[places(lengths)]
    found: Hashes = np.add.reduceat(terms, starts(lengths))
    return found


def repeated(parts: list[Hashes]) -> Hashes:
    """The hashes that stand more than once among all parts."""
    if not parts:
        return np.zeros(0, dtype=np.uint64)
    sorted_ = np.concatenate(parts)
    sorted_.sort()
    return np.unique(sorted_[1:][sorted_[1:] == sorted_[:-1]])
