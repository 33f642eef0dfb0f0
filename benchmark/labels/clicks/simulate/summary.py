"""What a log looks like from afar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmark.labels.clicks.pages import Pages


@dataclass(frozen=True)
class ClickThrough:
    """Mean clicks of an impression, share of impressions that clicked the first rank, share that clicked nothing."""

    impressions: int
    clicks: float
    first: float
    none: float

    @classmethod
    def of(cls, pages: Iterable[Pages]) -> ClickThrough:
        """Of a log in blocks; all zero when it is empty."""
        total = np.zeros(4, dtype=np.int64)
        for block in pages:
            clicked = block.clicked
            total += (len(clicked), clicked.sum(), clicked[:, 0].sum(), (~clicked.any(axis=1)).sum())
        clicks, first, none = (total[1:] / max(total[0], 1)).tolist()
        return cls(int(total[0]), clicks, first, none)
