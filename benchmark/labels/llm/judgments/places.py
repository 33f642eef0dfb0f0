"""Where judged pairs stand in candidate lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]


def places(qid: npt.ArrayLike, docno: npt.ArrayLike, qids: npt.ArrayLike, docnos: npt.ArrayLike) -> tuple[Ints, Ints]:
    """Row and column [m] of each (qid, docno) [m] in the lists `docnos` [n, L] of `qids` [n]; -1 where it is in none.

    Raises `ValueError` for a qid with two lists, or a list with a document twice.
    """
    lists = np.asarray(docnos)
    if not lists.size:
        nowhere = np.full(len(np.asarray(qid)), -1, np.int64)
        return nowhere, nowhere.copy()
    known_qids: pd.Index[Any] = pd.Index(np.asarray(qids, object))
    if not known_qids.is_unique:
        raise ValueError(f"{known_qids[known_qids.duplicated()][0]}: has two lists")
    known_docnos: pd.Index[Any] = pd.Index(pd.unique(lists.ravel().astype(object)))
    width = len(known_docnos)
    columns = known_docnos.get_indexer(pd.Index(lists.ravel())).reshape(lists.shape)
    pairs = pd.Index((np.arange(len(lists))[:, None] * width + columns).ravel())
    if (twice := pairs.duplicated()).any():
        again = int(twice.argmax())
        raise ValueError(f"{known_qids[again // lists.shape[1]]}: has {lists.ravel()[again]} twice in its list")
    row = known_qids.get_indexer(pd.Index(np.asarray(qid, object))).astype(np.int64)
    column = known_docnos.get_indexer(pd.Index(np.asarray(docno, object)))
    wanted = np.where((row >= 0) & (column >= 0), row * width + column, -1)
    at = pairs.get_indexer(pd.Index(wanted)).astype(np.int64)
    return np.where(at >= 0, at // lists.shape[1], -1), np.where(at >= 0, at % lists.shape[1], -1)


def mean_by_place(
    row: Ints, column: Ints, values: npt.NDArray[np.float64], shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    """Mean [n, L, ...] of the values [m, ...] that fall on each place of `shape` (n, L); NaN where none does."""
    cell, size = row * shape[1] + column, shape[0] * shape[1]
    count = np.bincount(cell, minlength=size).astype(np.float64)
    total = np.zeros((size, *values.shape[1:]))
    np.add.at(total, cell, values)
    count = count.reshape(-1, *[1] * (values.ndim - 1))
    mean: npt.NDArray[np.float64] = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean.reshape(*shape, *values.shape[1:])
