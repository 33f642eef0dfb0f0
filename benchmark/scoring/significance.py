"""Which systems differ: all pairs compared at once by sign flips, corrected over pairs x strata by max-T."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.scoring.groups import MACRO, masks
from benchmark.scoring.ranked import Floats
from benchmark.tasks.strata import STRATA

FLIPS = 5000
_CHUNK = 125
# A root mean square difference below this is rounding of the mean over seeds, not a difference.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Comparisons:
    """Every pair of systems in every column (macro, then the strata that have two queries or more).

    pairs       [P, 2]  positions (i, j) of the two systems, i < j, in the order of `numpy.triu_indices`
    columns     C names
    difference  [P, C]  mean of system i minus mean of system j
    p           [P, C]  p-value adjusted for all P x C comparisons
    """

    pairs: npt.NDArray[np.intp]
    columns: tuple[str, ...]
    difference: Floats
    p: Floats

    def p_matrix(self, column: str = MACRO) -> Floats:
        """Adjusted p [M, M] of one column, symmetric, 1 on the diagonal."""
        systems = int(self.pairs.max(initial=0)) + 1
        matrix = np.ones((systems, systems))
        first, second = self.pairs.T
        matrix[first, second] = matrix[second, first] = self.p[:, self.columns.index(column)]
        return matrix


def compare_all(values: Floats, stratum: npt.NDArray[np.str_], *, flips: int = FLIPS, seed: int = 0) -> Comparisons:
    """Adjusted p = (1 + #{b: max_{pair, column} |t_b| >= |t|}) / (1 + B) of per-query values [M, Q], seeds averaged.

    t = mean(d) / (sd(d) / sqrt(n)) of the differences d of a pair over the n queries of a stratum; on macro, the mean
    of the stratum means over its standard error sqrt(sum_g sd_g^2 / n_g) / 3. Flip b multiplies the differences of each
    query by one random sign, the *same for all pairs*, which keeps how the comparisons depend on each other, and
    recomputes every t; the largest |t| of the flip is what each |t| is held against (Westfall & Young, 1993, single
    step). This controls the chance of any false finding over all pairs and columns. For two systems the test is exact
    where differences are symmetric about 0; for more it is the wild bootstrap, right as queries grow.

    Two systems with equal values on all queries get p = 1. Raises `ValueError` for values that are not finite, or when
    there are fewer than two systems or no stratum with two queries.
    """
    if values.ndim != 2 or len(values) < 2:
        raise ValueError(f"values must be [systems >= 2, queries], got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"system {np.argwhere(~np.isfinite(values))[0][0]} has a value that is not finite")
    # Differences do not change, but sums of squares lose fewer digits.
    centred = values - values.mean(axis=0)
    strata = {name: _Stratum(centred[:, mask]) for name, mask in masks(stratum).items() if mask.sum() > 1}
    if not strata:
        raise ValueError("no stratum has two queries; a difference cannot be tested")
    columns = ((MACRO,) if len(strata) == len(STRATA) else ()) + tuple(strata)

    unflipped = {name: np.ones((1, part.queries), dtype=np.float64) for name, part in strata.items()}
    found = _statistics(strata, columns, unflipped)
    difference, t = (np.stack([found[name][part][0] for name in columns], axis=1) for part in (0, 1))
    largest = np.sort(np.concatenate(list(_largest(strata, columns, flips, seed))))
    # A flip that only rounding holds below the observed value counts as reaching it.
    reached = flips - np.searchsorted(largest, np.abs(t) * (1 - 1e-9), side="left")
    return Comparisons(np.stack(_pairs(len(values)), axis=1), columns, difference, (1 + reached) / (1 + flips))


def _pairs(systems: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    first, second = np.triu_indices(systems, k=1)
    return first, second


class _Stratum:
    """One stratum's values [M, n] and, for each pair, the sum of squared differences, which no flip changes."""

    def __init__(self, values: Floats) -> None:
        self.queries = values.shape[1]
        self._values = values
        self.first, self.second = _pairs(len(values))
        rows = (((values[i] - values[i + 1 :]) ** 2).sum(axis=1) for i in range(len(values) - 1))
        self.squares: Floats = np.concatenate(list(rows))
        self.squares[self.squares <= self.queries * _ROUNDING**2] = 0.0

    def moments(self, signs: Floats) -> tuple[Floats, Floats]:
        """Mean [B, P] of the flipped differences and its squared standard error, for signs [B, n]."""
        sums = signs @ self._values.T
        mean = (sums[:, self.first] - sums[:, self.second]) / self.queries
        squares = self.squares / self.queries
        mean[:, self.squares == 0] = 0.0
        variance = squares - mean**2
        # All differences equal: what is left is rounding.
        variance[variance <= 1e-12 * squares] = 0.0
        return mean, variance / (self.queries - 1)


def _statistics(
    strata: dict[str, _Stratum], columns: tuple[str, ...], signs: dict[str, Floats]
) -> dict[str, tuple[Floats, Floats]]:
    """Mean difference [B, P] and t [B, P] of each column."""
    moments = {name: part.moments(signs[name]) for name, part in strata.items()}
    if MACRO in columns:
        means, variances = zip(*moments.values(), strict=True)
        moments[MACRO] = np.mean(means, axis=0), np.sum(variances, axis=0) / len(STRATA) ** 2
    return {name: (mean, _studentise(mean, variance)) for name, (mean, variance) in moments.items()}


def _studentise(mean: Floats, variance: Floats) -> Floats:
    """mean / sqrt(variance); infinite where every query differs alike, 0 where none differs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mean == 0, 0.0, mean / np.sqrt(variance))


def _largest(strata: dict[str, _Stratum], columns: tuple[str, ...], flips: int, seed: int) -> Iterator[Floats]:
    """Largest |t| over pairs and columns of each flip, in chunks, so that memory stays small."""
    rng = np.random.default_rng(seed)
    for start in range(0, flips, _CHUNK):
        rows = min(_CHUNK, flips - start)
        signs = {
            name: rng.integers(0, 2, (rows, part.queries), dtype=np.int8).astype(np.float64) * 2 - 1
            for name, part in strata.items()
        }
        found = _statistics(strata, columns, signs)
        yield np.max([np.abs(t).max(axis=1) for _, t in found.values()], axis=0)
