"""95 % intervals: a bootstrap over queries (within their stratum) and over seeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmark.scoring.groups import MACRO, Masks, group_means, masks, with_macro
from benchmark.scoring.ranked import Floats
from benchmark.tasks.strata import STRATA

DRAWS = 2000
FEWEST = 10
"""Queries below which there is no interval: the percentiles of so few resampled numbers lie too close together."""
_CHUNK = 250


class Interval(NamedTuple):
    """A mean and the bounds of its interval, NaN where it has none."""

    mean: float
    low: float
    high: float


class Bootstrap:
    """B resamples of the test queries and of S seeds, drawn once and used for every system and every measure.

    A resample takes n_g queries of each stratum g with replacement, and S seeds with replacement, independently (the
    bootstrap of two crossed factors; Owen, Ann. Appl. Stat. 2007). It is kept as how often each was drawn: counts
    [B, Q] and [B, S], so that all resampled means come from matrix products. The same seed gives the same draws.
    """

    def __init__(
        self,
        stratum: npt.NDArray[np.str_],
        seen: npt.NDArray[np.bool_] | None = None,
        *,
        seeds: int,
        draws: int = DRAWS,
        seed: int = 0,
    ) -> None:
        self._masks: Masks = masks(stratum, seen)
        rng = np.random.default_rng(seed)
        self._seed_counts = _counts(rng, draws, seeds)
        self._query_counts = np.zeros((draws, len(stratum)), dtype=np.int16)
        for name in np.unique(stratum):
            members = np.flatnonzero(stratum == name)
            self._query_counts[:, members] = _counts(rng, draws, len(members))

    def means(self, values: Floats) -> dict[str, Floats]:
        """Resampled means [..., B] of values [..., S, Q], for each group that has queries.

        mean_b = sum_s sum_{q in g} c_bs c_bq v_sq / (S sum_{q in g} c_bq). Only the size of seen and unseen varies from
        draw to draw; a draw that holds none of them gives NaN. Many values at once take hardly longer than one.
        """
        *several, seeds, queries = values.shape
        inside = np.stack(list(self._masks.values()))  # [groups, Q]
        one_by_one = values.reshape(-1, seeds, queries)
        columns = np.where(inside[:, None, None], one_by_one, 0.0).reshape(-1, queries)  # of each group, of each value
        drawn = []
        for query_counts, seed_counts in self._chunks():
            totals = (query_counts @ columns.T).reshape(len(query_counts), len(inside), -1, seeds)
            sizes = seeds * (query_counts @ inside.T)[:, :, None]
            total = np.einsum("bgvs,bs->bgv", totals, seed_counts)
            drawn.append(np.divide(total, sizes, out=np.full_like(total, np.nan), where=sizes > 0))
        by_group = np.moveaxis(np.concatenate(drawn), 0, -1).reshape(len(inside), *several, -1)
        return with_macro(dict(zip(self._masks, by_group, strict=True)))

    def bounds(self, values: Floats) -> dict[str, Floats]:
        """95 % percentile bounds [..., 2] of the mean of values [..., S, Q], for each group that has queries.

        NaN for a group of fewer than `FEWEST` queries, and for macro where one of the strata is so small.
        """
        sizes = {name: int(mask.sum()) for name, mask in self._masks.items()}
        sizes[MACRO] = min(sizes.get(name, 0) for name in STRATA)
        return {name: np.apply_along_axis(bounds, -1, drawn, sizes[name]) for name, drawn in self.means(values).items()}

    def _chunks(self) -> Iterator[tuple[Floats, Floats]]:
        for start in range(0, len(self._query_counts), _CHUNK):
            rows = slice(start, start + _CHUNK)
            yield self._query_counts[rows].astype(np.float64), self._seed_counts[rows].astype(np.float64)


def _counts(rng: np.random.Generator, draws: int, size: int) -> npt.NDArray[np.int16]:
    """Multinomial counts [draws, size]: how often each of `size` was taken in `size` takes with replacement."""
    taken = rng.integers(0, size, (draws, size)) + size * np.arange(draws)[:, None]
    return np.bincount(taken.ravel(), minlength=draws * size).reshape(draws, size).astype(np.int16)


def percentile(draws: Floats, level: float = 0.95) -> tuple[float, float]:
    """The bounds that leave (1 - level) / 2 of the draws on either side; draws that are NaN are left out."""
    low, high = np.nanquantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bounds(draws: Floats, queries: int) -> tuple[float, float]:
    """The 95 % percentile bounds of a number of so many queries: NaN where these are fewer than `FEWEST`."""
    return percentile(draws) if queries >= FEWEST else (np.nan, np.nan)


def bootstrap_intervals(
    values: Floats,
    stratum: npt.NDArray[np.str_],
    seen: npt.NDArray[np.bool_],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, Interval]:
    """Mean over seeds and 95 % percentile interval of values [S, Q], for each group that has queries.

    With few seeds the interval is a little narrow: S resampled seeds show (S - 1) / S of the variance between seeds.
    With few queries there is none, see `Bootstrap.bounds`. Raises `ValueError` for a value that is not finite.
    """
    means = group_means(values.mean(axis=0), stratum, seen)
    found = Bootstrap(stratum, seen, seeds=len(values), draws=draws, seed=seed).bounds(values)
    return {name: Interval(float(mean), *found[name].tolist()) for name, mean in means.items()}
