"""p-values of several tests, adjusted for each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """p adjusted for each other: p_(k) = max over j <= k of (m - j + 1) p_(j), at most 1, sorted from the smallest.

    Whatever depends on what, the chance of any false finding stays below the level. Source: Holm, Scandinavian Journal
    of Statistics 6, 1979.
    """
    order = np.argsort(p, kind="stable")
    stepped = np.asarray(p)[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return [float(one) for one in adjusted]
