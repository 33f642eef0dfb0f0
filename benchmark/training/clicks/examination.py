"""Examination by rank, estimated from the log that is learned from; never the truth of a simulator."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.propensities import all_pairs, rank_counts
from benchmark.training.view import TrainingView

Floats = npt.NDArray[np.float64]


def estimated_examination(view: TrainingView) -> Floats:
    """theta [K], theta_1 = 1, by AllPairs intervention harvesting on the view's whole log (see `all_pairs`).

    Raises `DataError` where the log is too small to compare the ranks.
    """
    return _examination(view.log).copy()


@lru_cache(maxsize=8)
def _examination(log: ImpressionLog) -> Floats:
    return all_pairs(rank_counts(log), draws=2).examination  # the interval is not used
