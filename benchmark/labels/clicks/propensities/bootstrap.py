"""95 % intervals by a bootstrap over queries: clicks of one query depend on each other, those of two do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.propensities.counts import RankCounts

Floats = npt.NDArray[np.float64]
DRAWS = 200
"""Resamples where one is a matrix product."""
FEW_DRAWS = 20
"""Resamples where each is a fit; the deviation over 20 is known to about 16 % (1 / sqrt(2 * 19))."""
FLOOR = 1e-6
"""The least examination that is told from none: a rank without clicks would have a logarithm without bounds."""
NORMAL = 1.959964  # the 97.5 % quantile


def query_weights(queries: int, draws: int, seed: int) -> npt.NDArray[np.uint8]:
    """How often each query is in each resample [B, G]: independent Poisson(1) counts, seeded.

    They stand for the multinomial counts of a bootstrap (Hanley & MacGibbon, Computer Methods and Programs in
    Biomedicine 2006) and make a resample of sums a matrix product: sum_q w_bq s_q.
    """
    rng = np.random.default_rng(seed)
    return rng.poisson(1.0, (draws, queries)).astype(np.uint8)


def interval(examination: Floats, draws: Floats) -> tuple[Floats, Floats]:
    """Bounds [K] from an estimate [K] and its resamples [B, K]: e exp(-+ 1.96 s), s the deviation of ln e over draws.

    On the scale of logarithms, since examination is a ratio; draws that are NaN (a rank lost its link) are left out.
    """
    kept = draws[np.isfinite(draws).all(axis=1)]
    if len(kept) < 2:
        return unbounded(len(examination))
    spread = NORMAL * np.log(np.maximum(kept, FLOOR)).std(axis=0, ddof=1)
    centre = np.maximum(examination, FLOOR)
    return examination * np.exp(-spread), centre * np.exp(spread)


def unbounded(ranks: int) -> tuple[Floats, Floats]:
    """The bounds [K] of what nothing is known about: 0 and infinity, but 1 and 1 at the first rank."""
    return np.append(1.0, np.zeros(ranks - 1)), np.append(1.0, np.full(ranks - 1, np.inf))


def refitted(counts: RankCounts, fit: Callable[[RankCounts], Floats], draws: int, seed: int) -> Floats:
    """Estimates [B, K] of an estimator that has to be fitted again to every resample."""
    weights = query_weights(len(counts.query_number), draws, seed)
    fits = [fit(counts.weighted(weight)) for weight in weights]
    return np.array(fits).reshape(draws, counts.ranks)
