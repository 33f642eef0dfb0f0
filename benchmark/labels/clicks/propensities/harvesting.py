"""Intervention harvesting: examination from documents that a log happens to show at several ranks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError
from benchmark.labels.clicks.propensities.bootstrap import DRAWS, interval, query_weights
from benchmark.labels.clicks.propensities.contrasts import Contrasts, Weighting, contrasts
from benchmark.labels.clicks.propensities.counts import RankCounts
from benchmark.labels.clicks.propensities.likelihood import maximise
from benchmark.labels.clicks.propensities.propensities import Propensities
from benchmark.labels.clicks.propensities.ratio import ratio

Floats = npt.NDArray[np.float64]


def all_pairs(
    counts: RankCounts, *, weighting: Weighting = "precision", draws: int = DRAWS, seed: int = 0
) -> Propensities:
    """Examination [K] that maximises the likelihood of the contrasts of all pairs of ranks (see `maximise`).

    Placements may depend on queries and documents in any way, but not on the clicks that are counted. Raises
    `DataError` if a rank is not joined to rank 1 by documents shown at several ranks. Source: Agarwal et al.,
    Estimating Position Bias without Intrusive Interventions, WSDM 2019 (AllPairs).
    """
    return _harvest("all-pairs", maximise, counts, weighting, draws, seed)


def pivot_one(
    counts: RankCounts, *, weighting: Weighting = "precision", draws: int = DRAWS, seed: int = 0
) -> Propensities:
    """e_k = clicks[k, 1] / clicks[1, k]: only documents shown at rank 1 too. Source and errors as of `all_pairs`."""
    return _harvest("pivot-one", _pivot, counts, weighting, draws, seed)


def adjacent_chain(
    counts: RankCounts, *, weighting: Weighting = "precision", draws: int = DRAWS, seed: int = 0
) -> Propensities:
    """e_k = prod_{j <= k} clicks[j, j-1] / clicks[j-1, j]: neighbours only. Source and errors as of `all_pairs`."""
    return _harvest("adjacent-chain", _chain, counts, weighting, draws, seed)


def _harvest(
    method: str,
    solve: Callable[[Contrasts], Floats],
    counts: RankCounts,
    weighting: Weighting,
    draws: int,
    seed: int,
) -> Propensities:
    found = contrasts(counts, weighting=weighting)
    found.require_links()
    examination = solve(found)
    if not np.isfinite(examination).all():
        rank = int(np.argmin(np.isfinite(examination))) + 1
        raise DataError(
            f"click log: {method} finds no clicked document that links rank {rank} as it needs; use all-pairs"
        )
    resampled = contrasts(counts, query_weights(len(counts.query_number), draws, seed), weighting)
    return Propensities(method, examination, *interval(examination, solve(resampled)), found.used)


def _pivot(found: Contrasts) -> Floats:
    examination = ratio(found.clicks[..., :, 0], found.clicks[..., 0, :])
    examination[..., 0] = 1.0
    return examination


def _chain(found: Contrasts) -> Floats:
    below, above = np.diagonal(found.clicks, -1, -2, -1), np.diagonal(found.clicks, 1, -2, -1)
    steps = np.cumprod(ratio(below, above), axis=-1)
    return np.concatenate([np.ones((*steps.shape[:-1], 1)), steps], axis=-1)
