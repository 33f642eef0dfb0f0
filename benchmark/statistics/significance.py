"""Which systems differ: all pairs at once by sign flips of queries and seeds, with max-T over pairs x strata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.scoring.groups import MACRO, masks, with_macro
from benchmark.scoring.ranked import Floats
from benchmark.statistics.seeds import deviations, flipped, random_signs, squared_error
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
    """Adjusted p = (1 + #{b: max_{pair, column} |t_b| >= |t|}) / (1 + B) of per-query values [M, S, Q].

    t = mean(d) / sqrt(sd(d)^2 / n + (s_i^2 + s_j^2) / S): d are the differences of a pair, averaged over S seeds, on
    the n queries of a stratum; s_i^2 is the variance between seeds of the stratum mean of system i. On macro, the mean
    of the stratum means, with sum_g sd_g^2 / n_g / 9 and s^2 of the macro means. So a difference is one that both other
    queries and another training would show.

    Resample b multiplies the differences of each query by one random sign, the *same for all pairs*, which keeps how
    the comparisons depend on each other; adds to the mean of each system the deviations of its seeds, with a random
    sign for each, the same in all columns; and recomputes every t. The largest |t| of the resample is what each |t| is
    held against (Westfall & Young, 1993, single step). This controls the chance of any false finding over all pairs and
    columns. For two systems without noise between seeds the test is exact where differences are symmetric about 0;
    otherwise it is the wild bootstrap, right as queries grow. What queries and seeds make together (another training
    helps other queries) is in both parts of the error, which errs on the safe side. A few seeds tell their own variance
    badly, and the resamples show that too: among many systems two or three seeds find only large differences. Between
    two systems of which one has all the noise of training they find too much, since nothing tells that a variance is
    small by chance: in simulations of that case at the level of 5 %, 11 to 22 % with two or three seeds, 10 % with
    four, and 7 % with five.

    Two systems with equal values on all queries get p = 1. With one seed no noise of training can be told, and p is
    about that run. Raises `ValueError` for values that are not finite, or when there are fewer than two systems or no
    stratum with two queries.
    """
    if values.ndim != 3 or len(values) < 2 or not values.shape[1]:
        raise ValueError(f"values must be [systems >= 2, seeds, queries], got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"system {np.argwhere(~np.isfinite(values))[0][0]} has a value that is not finite")
    # Differences do not change, but sums of squares lose fewer digits.
    averaged = values.mean(axis=1)
    averaged -= averaged.mean(axis=0)
    members = {name: mask for name, mask in masks(stratum).items() if mask.sum() > 1}
    if not members:
        raise ValueError("no stratum has two queries; a difference cannot be tested")
    strata = {name: _Stratum(averaged[:, mask]) for name, mask in members.items()}
    runs = with_macro({name: values[:, :, mask].mean(axis=2) for name, mask in members.items()})
    columns = tuple(runs)

    unflipped = {name: np.ones((1, part.queries), dtype=np.float64) for name, part in strata.items()}
    measured = {name: (np.zeros((1, len(values))), squared_error(means)[None]) for name, means in runs.items()}
    found = _statistics(strata, unflipped, measured)
    difference, t = (np.stack([found[name][part][0] for name in columns], axis=1) for part in (0, 1))
    noise = {name: deviations(means) for name, means in runs.items()}
    largest = np.sort(np.concatenate(list(_largest(strata, noise, flips, seed))))
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
    strata: dict[str, _Stratum], signs: dict[str, Floats], seeds: dict[str, tuple[Floats, Floats]]
) -> dict[str, tuple[Floats, Floats]]:
    """Mean difference [B, P] and t [B, P] of each column.

    `seeds` holds, for each column, what the seeds add to the mean of each system [B, M], and its squared error [B, M].
    """
    moments = {name: part.moments(signs[name]) for name, part in strata.items()}
    if MACRO in seeds:
        means, variances = zip(*moments.values(), strict=True)
        moments[MACRO] = np.mean(means, axis=0), np.sum(variances, axis=0) / len(STRATA) ** 2
    found = {}
    for name, (added, error) in seeds.items():
        first, second = _pairs(added.shape[1])
        mean = moments[name][0] + added[:, first] - added[:, second]
        found[name] = mean, _studentise(mean, moments[name][1] + error[:, first] + error[:, second])
    return found


def _studentise(mean: Floats, variance: Floats) -> Floats:
    """mean / sqrt(variance); infinite where every query and seed differs alike, 0 where none differs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mean == 0, 0.0, mean / np.sqrt(variance))


def _largest(strata: dict[str, _Stratum], noise: dict[str, Floats], flips: int, seed: int) -> Iterator[Floats]:
    """Largest |t| over pairs and columns of each resample, in chunks, so that memory stays small.

    `noise` holds the deviations [M, S] of the seeds for each column.
    """
    rng = np.random.default_rng(seed)
    # A generator of its own: the flips of the queries are the same, however many seeds there are.
    seeds_rng = np.random.default_rng((seed, 1))
    shape = next(iter(noise.values())).shape
    for start in range(0, flips, _CHUNK):
        rows = min(_CHUNK, flips - start)
        signs = {name: random_signs(rng, rows, part.queries) for name, part in strata.items()}
        seed_signs = random_signs(seeds_rng, rows, *shape)
        found = _statistics(strata, signs, {name: flipped(x, seed_signs) for name, x in noise.items()})
        yield np.max([np.abs(t).max(axis=1) for _, t in found.values()], axis=0)
