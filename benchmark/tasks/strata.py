"""Frequency strata: questions sorted by traffic, cut where the cumulative traffic reaches fixed shares."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

STRATA = ("high", "medium", "low")


def cut_by_traffic(
    impressions: npt.NDArray[np.int64], shares: Sequence[float], groups: Sequence[str] | None = None
) -> npt.NDArray[np.int64]:
    """The stratum (0, 1, ... in the order of `STRATA`) of each question, most frequent first.

    Question i belongs to stratum j when the traffic of the questions before it has reached j of the cumulative
    `shares`. `groups`, where given, are never cut in two: a group goes where its first question goes.

    Raises `ValueError` unless `impressions` is sorted from most to least and `shares` increase within (0, 1).
    """
    if np.any(np.diff(impressions) > 0):
        raise ValueError("impressions must be sorted from most to least frequent")
    if not all(0 < share < 1 for share in shares) or any(a >= b for a, b in itertools.pairwise(shares)):
        raise ValueError(f"cumulative traffic shares must increase within (0, 1), got {list(shares)}")
    before = (np.cumsum(impressions) - impressions) / impressions.sum()
    stratum = np.searchsorted(np.asarray(shares), before, side="right")
    if groups is not None:
        _, first, inverse = np.unique(np.asarray(groups), return_index=True, return_inverse=True)
        stratum = stratum[first][inverse]
    cut: npt.NDArray[np.int64] = stratum.astype(np.int64)
    return cut
