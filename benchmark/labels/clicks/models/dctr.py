"""Grades from document click-through rates, as TripClick makes its relevance labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.counting.statistics import Statistics, rank_statistics
from benchmark.labels.clicks.pages import PageSource

TRIPCLICK = (0.04, 0.30)
"""Click-through rates at which grade 2 begins, and above which grade 3 does."""


def dctr_grades(source: PageSource | Statistics, cuts: Sequence[float] = TRIPCLICK) -> npt.NDArray[np.int8]:
    """Grade of each pair [P]: 3 if its CTR is above 30 %, 2 from 4 % to 30 %, 1 below, 0 if never clicked.

    -1 for a pair that was never shown: it has no CTR. Raises `ConfigurationError` unless `cuts` are two ascending
    rates. Source: Rekabsaz et al., TripClick, SIGIR 2021.
    """
    if len(cuts) != 2 or not 0 < cuts[0] < cuts[1] < 1:
        raise ConfigurationError(f"DCTR cuts {tuple(cuts)}: give two ascending rates between 0 and 1")
    statistics = source if isinstance(source, Statistics) else rank_statistics(source)
    shown, clicked = statistics.by_pair(statistics.impressions), statistics.by_pair(statistics.clicks)
    rate = clicked / np.maximum(shown, 1)
    grades = np.full(statistics.pair_count, -1, dtype=np.int8)
    grades[statistics.pairs] = (clicked > 0).astype(np.int8) + (rate >= cuts[0]) + (rate > cuts[1])
    return grades
