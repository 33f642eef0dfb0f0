"""The published log file: one row per impression, in order of time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import DataError
from benchmark.labels.clicks.log import ImpressionLog


def write_log(
    path: Path,
    query: npt.NDArray[np.int32],
    shown: npt.NDArray[np.uint8],
    clicked: npt.NDArray[np.bool_],
    qids: npt.NDArray[np.str_],
) -> None:
    """Write columns `qid`, `shown` (list positions, from 0, of the documents at ranks 1..K) and `clicked` (K flags)."""
    page = shown.shape[1]
    table = pa.table(
        {
            "qid": pa.DictionaryArray.from_arrays(pa.array(query), pa.array(qids.tolist())),
            "shown": pa.FixedSizeListArray.from_arrays(pa.array(shown.ravel()), page),
            "clicked": pa.FixedSizeListArray.from_arrays(pa.array(clicked.ravel()), page),
        }
    )
    pq.write_table(table, path, compression="zstd", compression_level=12)


def read_log(path: Path, list_size: int) -> ImpressionLog:
    """The log in a published file; raises `DataError` when it is damaged."""
    try:
        table = pq.read_table(path)
        qid = table["qid"].combine_chunks()
        query, qids = qid.indices.to_numpy(), np.array(qid.dictionary.to_pylist())
        shown, clicked = (
            table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(len(query), -1)
            for name in ("shown", "clicked")
        )
    except (OSError, pa.ArrowException, KeyError, ValueError, AttributeError) as error:
        raise DataError(f"{path}: click log cannot be read ({error}); restore it: git checkout -- {path}") from error
    return ImpressionLog(
        qids, query.astype(np.int32), shown.astype(np.uint8), clicked.astype(bool), list_size, simulated=True
    )
