"""Which systems differ: many pairs at once by sign flips of queries and seeds, with max-T over pairs x columns."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.scoring.groups import MACRO, Masks, masks, with_macro
from benchmark.scoring.ranked import Floats
from benchmark.statistics.seeds import FEWEST_SEEDS, deviations, flipped, random_signs, squared_error
from benchmark.statistics.tiers import ALPHA
from benchmark.tasks.strata import STRATA

FLIPS = 5000
_CHUNK = 125
# A root mean square difference below this is rounding, of a mean over seeds or of scores kept in float32 (up to 6e-8).
_ROUNDING = 1e-7

Pairs = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


@dataclass(frozen=True)
class Comparisons:
    """What was compared: P pairs of systems in C columns (macro, then the strata that have two queries or more).

    pairs       [P, 2]  positions (i, j) of the two systems: all, i < j, in the order of `numpy.triu_indices`; or one
                        system i with every other
    columns     C names
    difference  [P, C]  mean of system i minus mean of system j
    p           [P, C]  p-value adjusted for all P x C comparisons
    critical            the |t| above which p < 0.05; infinite where so few flips cannot show that
    """

    pairs: npt.NDArray[np.intp]
    columns: tuple[str, ...]
    difference: Floats
    p: Floats
    critical: float

    def p_matrix(self, column: str = MACRO) -> Floats:
        """Adjusted p [M, M] of one column, symmetric, 1 on the diagonal; NaN for pairs that were not compared."""
        systems = int(self.pairs.max(initial=0)) + 1
        matrix = np.where(np.eye(systems, dtype=bool), 1.0, np.nan)
        first, second = self.pairs.T
        matrix[first, second] = matrix[second, first] = self.p[:, self.columns.index(column)]
        return matrix


def compare_all(
    values: Floats,
    stratum: npt.NDArray[np.str_],
    *,
    against: int | None = None,
    columns: Collection[str] | None = None,
    flips: int = FLIPS,
    seed: int = 0,
) -> Comparisons:
    """Adjusted p = (1 + #{b: max_{pair, column} |t_b| >= |t|}) / (1 + B) of per-query values [M, S, Q].

    All pairs in all columns; or only those of the system `against` with every other, and only the `columns` that are
    named. The maximum is over what is compared and nothing else: ask for what will be shown.

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
    helps other queries) is in both parts of the error, which errs on the safe side.

    A few seeds tell their own variance badly. The chance of any false finding among 20 equal systems at the level of
    5 %, simulated where training makes all the noise (in brackets: and one of the 20 has none):

    seeds                                         3            4            5
    a run moves all strata alike            36 % (52 %)   6 %  (7 %)   6 %  (9 %)
    a run moves each stratum on its own     86 % (94 %)   5 % (12 %)   9 % (17 %)

    (400 worlds each, so give or take 1 to 2.5 %.) Where queries make as much of the error as runs, it is 3 to 7 % in
    all of these cases. Two systems, one without noise: 10 to 25 % with three seeds, 5 to 11 % with four, 6 % with
    five. With two seeds it is 0 to 16 %, but the test finds next to nothing where two systems are almost equal: both
    seeds lie equally far from their mean, so half of the resamples of a system show no variance at all. So with more
    than one seed and fewer than `FEWEST_SEEDS`, where they differ, a `UserWarning` says that the test does not hold
    its level. With one seed no noise of training can be told, and p is about that run.

    Two systems that are equal on all queries under all seeds of a column are one system under two names. Their
    difference has no variance, so no t: it counts as 0, with p = 1, and as 0 in every resample, whatever their seeds
    are given as signs, since otherwise a pair that cannot differ would decide what the others are held against. A pair
    that is almost equal keeps its t: with the noise of training counted as independent, a few of its resamples are
    large, and many such pairs make the test conservative (20 systems, four seeds: the critical |t| is 4.1 without
    them, 4.4 with 5 pairs at a root mean square difference of 0.001, 5.9 with 10).

    Raises `ValueError` for values that are not finite, or when there are fewer than two systems, no stratum with two
    queries, no such system `against` which to compare, or no such column.
    """
    if values.ndim != 3 or len(values) < 2 or not values.shape[1]:
        raise ValueError(f"values must be [systems >= 2, seeds, queries], got {values.shape}")
    if against is not None and not 0 <= against < len(values):
        raise ValueError(f"against {against}: there are {len(values)} systems")
    if not np.isfinite(values).all():
        raise ValueError(f"system {np.argwhere(~np.isfinite(values))[0][0]} has a value that is not finite")
    # Differences do not change, but sums of squares lose fewer digits.
    averaged = values.mean(axis=1)
    averaged -= averaged.mean(axis=0)
    members = {name: mask for name, mask in masks(stratum).items() if mask.sum() > 1}
    if not members:
        raise ValueError("no stratum has two queries; a difference cannot be tested")
    pairs = _pairs(len(values), against)
    strata = {name: _Stratum(averaged[:, mask], pairs) for name, mask in members.items()}
    differs = _differing(values, members, pairs)
    runs = with_macro({name: values[:, :, mask].mean(axis=2) for name, mask in members.items()})
    if columns is not None:
        if not columns or not runs.keys() >= set(columns):
            raise ValueError(f"columns {', '.join(columns) or '(none)'}: there are {', '.join(runs)}")
        runs = {name: means for name, means in runs.items() if name in columns}

    unflipped = {name: np.ones((1, part.queries), dtype=np.float64) for name, part in strata.items()}
    measured = {name: (np.zeros((1, len(values))), squared_error(means)[None]) for name, means in runs.items()}
    found = _statistics(strata, unflipped, measured, differs, pairs)
    difference, t = (np.stack([found[name][part][0] for name in runs], axis=1) for part in (0, 1))
    noise = {name: deviations(means) for name, means in runs.items()}
    if 1 < values.shape[1] < FEWEST_SEEDS and any(x.any() for x in noise.values()):
        told = f"{values.shape[1]} seeds: the test does not keep to its level; run {FEWEST_SEEDS} or more"
        warnings.warn(told, stacklevel=2)
    largest = np.sort(np.concatenate(list(_largest(strata, noise, differs, pairs, flips, seed))))
    # A flip that only rounding holds below the observed value counts as reaching it.
    reached = flips - np.searchsorted(largest, np.abs(t) * (1 - 1e-9), side="left")
    p = (1 + reached) / (1 + flips)
    return Comparisons(np.stack(pairs, axis=1), tuple(runs), difference, p, _critical(largest))


def _critical(largest: Floats) -> float:
    """The r-th largest of the B resamples, r being the greatest number with r / (1 + B) < 0.05."""
    beyond = math.ceil(ALPHA * (1 + len(largest))) - 1
    return float(largest[-beyond]) if beyond else math.inf


def _pairs(systems: int, against: int | None) -> Pairs:
    """The first and the second system of each pair; all pairs of one first system stand together."""
    if against is None:
        first, second = np.triu_indices(systems, k=1)
        return first, second
    others = np.delete(np.arange(systems), against)
    return np.full_like(others, against), others


class _Stratum:
    """One stratum's values [M, n] and, for each pair, the sum of squared differences, which no flip changes."""

    def __init__(self, values: Floats, pairs: Pairs) -> None:
        self.queries = values.shape[1]
        self._values = values
        self.first, self.second = pairs
        rows = (((values[i] - values[others]) ** 2).sum(axis=1) for i, others in _by_first(pairs))
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


def _by_first(pairs: Pairs) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Each first system and the second ones of its pairs, in the order of the pairs."""
    first, second = pairs
    starts = np.flatnonzero(np.diff(first, prepend=-1))
    return zip(first[starts].tolist(), np.split(second, starts[1:]), strict=True)


def _differing(values: Floats, members: Masks, pairs: Pairs) -> dict[str, npt.NDArray[np.bool_]]:
    """Whether the two systems of each pair [P] differ on any query under any seed, in each column."""
    found: dict[str, list[npt.NDArray[np.bool_]]] = {name: [] for name in members}
    for i, others in _by_first(pairs):
        apart = (np.abs(values[i] - values[others]) > _ROUNDING).any(axis=1)
        for name, mask in members.items():
            found[name].append(apart[:, mask].any(axis=1))
    differs = {name: np.concatenate(rows) for name, rows in found.items()}
    return differs | {MACRO: np.any(list(differs.values()), axis=0)}


def _statistics(
    strata: dict[str, _Stratum],
    signs: dict[str, Floats],
    seeds: dict[str, tuple[Floats, Floats]],
    differs: dict[str, npt.NDArray[np.bool_]],
    pairs: Pairs,
) -> dict[str, tuple[Floats, Floats]]:
    """Mean difference [B, P] and t [B, P] of each column.

    `seeds` holds, for each column, what the seeds add to the mean of each system [B, M], and its squared error [B, M];
    `differs`, whether a pair [P] differs at all: where it does not, mean and t are 0.
    """
    moments = {name: part.moments(signs[name]) for name, part in strata.items()}
    if MACRO in seeds:
        means, variances = zip(*moments.values(), strict=True)
        moments[MACRO] = np.mean(means, axis=0), np.sum(variances, axis=0) / len(STRATA) ** 2
    found = {}
    first, second = pairs
    for name, (added, error) in seeds.items():
        mean = (moments[name][0] + added[:, first] - added[:, second]) * differs[name]
        found[name] = mean, _studentise(mean, moments[name][1] + error[:, first] + error[:, second])
    return found


def _studentise(mean: Floats, variance: Floats) -> Floats:
    """mean / sqrt(variance); infinite where every query and seed differs alike, 0 where none differs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mean == 0, 0.0, mean / np.sqrt(variance))


def _largest(
    strata: dict[str, _Stratum],
    noise: dict[str, Floats],
    differs: dict[str, npt.NDArray[np.bool_]],
    pairs: Pairs,
    flips: int,
    seed: int,
) -> Iterator[Floats]:
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
        added = {name: flipped(x, seed_signs) for name, x in noise.items()}
        found = _statistics(strata, signs, added, differs, pairs)
        yield np.max([np.abs(t).max(axis=1) for _, t in found.values()], axis=0)
