"""Does it depend on frequency which supervision is better? The claim is an interaction, and is tested as one.

That A beats B on high-frequency queries and B beats A on low-frequency ones is not shown by two tests, one significant
and one not: "the difference between significant and not significant is not itself statistically significant" (Gelman
and Stern, 2006). What is tested is the difference in differences between two strata, (A - B on high) - (A - B on low).
It is above 0 where A gains with frequency on B, whichever is better overall; a crossing needs both parts as well, each
with its own interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.scoring.ranked import Floats
from benchmark.statistics.intervals import DRAWS, Bootstrap, Interval, bounds
from benchmark.statistics.seeds import deviations, flipped, random_signs, squared_error
from benchmark.statistics.significance import FLIPS

_CHUNK = 500


@dataclass(frozen=True)
class Interaction:
    """A - B on two strata, the difference of the two differences, and its permutation p-value."""

    first: Interval
    second: Interval
    estimate: Interval
    p: float


def difference_in_differences(
    a: Floats,
    b: Floats,
    stratum: npt.NDArray[np.str_],
    *,
    between: tuple[str, str] = ("high", "low"),
    draws: int = DRAWS,
    permutations: int = FLIPS,
    seed: int = 0,
) -> Interaction:
    """mean_high(d) - mean_low(d) of d = a - b, for values a, b [S, Q] of two systems on the same queries and seeds.

    Intervals: bootstrap over queries within their stratum and over seeds (pairs of runs), 95 %, percentiles; NaN where
    a stratum has fewer queries than an interval needs.
    p = (1 + #{b: |t_b| >= |t|}) / (1 + B): the names of the two strata are dealt anew among their queries, and
    t = (mean_1(d) - mean_2(d)) / sqrt(var_1(d) / n_1 + var_2(d) / n_2 + (s_a^2 + s_b^2) / S), d averaged over seeds and
    s_a^2 the variance between seeds of mean_1(a) - mean_2(a). With each deal the seeds' deviations, with random signs,
    are added, as in `compare_all`. Studentised so, the test asks about the means even where the strata differ in spread
    (Janssen, 1997; Chung and Romano, 2013). One seed has no s^2: p is then about that pair of runs.

    Raises `ValueError` when the shapes disagree, a value is not finite, or a stratum has fewer than two queries.
    """
    if a.shape != b.shape or a.ndim != 2 or a.shape[1] != len(stratum):
        raise ValueError(f"a, b [S, Q] and stratum [Q] disagree: {a.shape}, {b.shape}, {stratum.shape}")
    difference = a - b
    if not np.isfinite(difference).all():
        raise ValueError(f"query {np.argwhere(~np.isfinite(difference))[0][1]} has no finite value; score every query")
    high, low = (stratum == name for name in between)
    if min(high.sum(), low.sum()) < 2:
        raise ValueError(f"strata {between[0]} and {between[1]} need two queries each, got {high.sum()}, {low.sum()}")

    resampled = Bootstrap(stratum, seeds=len(a), draws=draws, seed=seed).means(difference)
    one, two = (resampled[name] for name in between)
    sizes = int(high.sum()), int(low.sum())
    mean = difference.mean(axis=0)
    means = float(mean[high].mean()), float(mean[low].mean())
    gaps = np.stack([values[:, high].mean(axis=1) - values[:, low].mean(axis=1) for values in (a, b)])
    return Interaction(
        first=Interval(means[0], *bounds(one, sizes[0])),
        second=Interval(means[1], *bounds(two, sizes[1])),
        estimate=Interval(means[0] - means[1], *bounds(one - two, min(sizes))),
        p=_permutation_p(np.concatenate([mean[high], mean[low]]), sizes[0], gaps, permutations, seed),
    )


def _permutation_p(values: Floats, size: int, gaps: Floats, permutations: int, seed: int) -> float:
    """p of the first `size` values against the rest, where the runs of the two systems have the gaps [2, S]."""
    rng = np.random.default_rng(seed)
    # A generator of its own: the deals of the queries are the same, however many seeds there are.
    seeds_rng = np.random.default_rng((seed, 1))
    noise = deviations(gaps)
    member = (np.arange(len(values)) < size).astype(np.float64)
    observed = _studentised(*_welch(member[None, :], values), np.zeros((1, 2)), squared_error(gaps)[None])[0]
    reached = 0
    for start in range(0, permutations, _CHUNK):
        rows = min(_CHUNK, permutations - start)
        dealt = rng.permuted(np.tile(member, (rows, 1)), axis=1)
        t = _studentised(*_welch(dealt, values), *flipped(noise, random_signs(seeds_rng, rows, *noise.shape)))
        # A deal that only rounding holds below the observed value counts as reaching it.
        reached += int((t >= observed * (1 - 1e-9)).sum())
    return (1 + reached) / (1 + permutations)


def _welch(member: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Mean [B] of the values whose `member` [B, n] is 1 less that of the others, and its squared error."""
    centred = values - values.mean()
    sizes = member.sum(axis=1), (1 - member).sum(axis=1)
    means = member @ centred / sizes[0], (1 - member) @ centred / sizes[1]
    squares = member @ centred**2, (1 - member) @ centred**2
    parts = [np.maximum(s / n - m**2, 0.0) / (n - 1) for s, m, n in zip(squares, means, sizes, strict=True)]
    return means[0] - means[1], parts[0] + parts[1]


def _studentised(difference: Floats, variance: Floats, added: Floats, error: Floats) -> Floats:
    """|t| [B], with what the seeds add to the gap of each system [B, 2], and its squared error [B, 2]."""
    distance = np.abs(difference + added[:, 0] - added[:, 1])
    # Below this, distance is the rounding of equal means, and 0 / 0 is no effect.
    distance[distance <= 1e-12] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        t: Floats = np.where(distance == 0, 0.0, distance / np.sqrt(variance + error.sum(axis=1)))
    return t
