"""How generous a rater is."""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats


def leniency_sums(first: Floats, second: Floats, tops: tuple[int, int]) -> Floats:
    """(sum (a / a_top - b / b_top), n) [Q, 2] over documents with both labels; `tops` are the best category of each.

    The quotient is the mean grade of the first minus that of the second, both scaled to [0, 1]; above 0 the first is
    the more lenient.
    """
    known = ~np.isnan(first) & ~np.isnan(second)
    apart = np.where(known, first / tops[0] - second / tops[1], 0.0)
    return np.stack([apart.sum(axis=1), known.sum(axis=1).astype(np.float64)], axis=1)
