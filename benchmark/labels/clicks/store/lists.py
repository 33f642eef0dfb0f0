"""List columns of Arrow as flat arrays and lengths, and as padded matrices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]


def to_numpy(values: pa.Array) -> npt.NDArray[np.generic]:
    """A primitive array without nulls as numpy; bits become bytes."""
    array: npt.NDArray[np.generic] = values.to_numpy(zero_copy_only=False)
    return array


def flat(lists: pa.Array) -> tuple[Ints, pa.Array]:
    """The length of each list [n], 0 for null, and all values in order [sum of lengths]."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    return to_numpy(lengths).astype(np.int64), lists.flatten()


def starts(lengths: Ints) -> Ints:
    """Where each list begins among the flat values [n]."""
    begun: Ints = np.cumsum(lengths) - lengths
    return begun


def places(lengths: Ints) -> Ints:
    """The place of each flat value in its list, from 0."""
    count = int(lengths.sum())
    place: Ints = np.arange(count, dtype=np.int64) - np.repeat(starts(lengths), lengths)
    return place


def make_lists(lengths: Ints, values: pa.Array) -> pa.Array:
    """Lists of the given lengths out of flat values; the inverse of `flat` where nothing is null."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def padded(lengths: Ints, values: npt.NDArray[np.generic], size: int, pad: object) -> npt.NDArray[np.generic]:
    """Lists as a matrix [n, size], `pad` behind the end of shorter ones."""
    if len(lengths) * size == len(values) and (lengths == size).all():
        return values.reshape(len(lengths), size)
    matrix = np.full((len(lengths), size), pad, dtype=values.dtype)
    matrix[np.arange(size) < lengths[:, None]] = values
    return matrix
