"""Preferences between two documents that were asked in both orders."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.agreement.arrays import Floats


def preference_sums(
    query: npt.NDArray[np.int64],
    docno: npt.NDArray[np.str_],
    other: npt.NDArray[np.str_],
    position: npt.NDArray[np.int64],
    value: Floats,
    queries: int,
) -> Floats:
    """(equal, to the first, pairs) [Q, 3] over pairs {a, b} of one query that were asked in both orders.

    `value` [N] is the preference for `docno`: above 0.5 it was chosen, below 0.5 `other`, 0.5 is a tie; `position` 1 or
    2 is where `docno` stood. `equal` counts pairs of which both orders choose the same document, or neither; `to the
    first` adds a half for each order that chooses the document shown first, a quarter for a tie: half of the pairs if
    place does not matter. An order asked twice counts by its mean.
    """
    swapped = docno > other
    low, high = np.where(swapped, other, docno), np.where(swapped, docno, other)
    frame = pd.DataFrame(
        {
            "query": query,
            "low": low,
            "high": high,
            "low_first": (position == 1) != swapped,
            "low_wins": np.where(swapped, 1 - value, value),
        }
    ).dropna()
    mean = frame.pivot_table("low_wins", ["query", "low", "high"], "low_first", "mean")
    both = mean.reindex(columns=[False, True]).dropna()
    second, first = (np.sign(both[low_first].to_numpy(np.float64) - 0.5) for low_first in (False, True))
    where = both.index.get_level_values("query").to_numpy(np.int64)
    parts = ((first == second).astype(np.float64), (first - second + 2) / 4, np.ones(len(both)))
    return np.stack([np.bincount(where, part, minlength=queries) for part in parts], axis=-1)
