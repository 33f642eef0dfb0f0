"""Empirical Bayes: how a rate of a pair is distributed over pairs, and what one pair's counts say beyond that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError

Floats = npt.NDArray[np.float64]

EDGE = 1e-9
"""Probabilities stay this far from 0 and 1."""
MOST = 1e4
"""The largest strength that is estimated, in trials: beyond it pairs cannot be told from equal ones."""
LEAST = 1e-2
"""The smallest: every pair is then almost surely at 0 or at 1."""


@dataclass(frozen=True)
class Prior:
    """What a caller fixes of a Beta(s m, s (1 - m)) prior; what is None is estimated from the log.

    `strength` s counts in trials; 0 means maximum likelihood, and a pair without a trial then has the mean of the log.
    With more than one of `groups`, pairs are parted into about so many groups by the mean rank at which they were
    shown, each with a mean of its own: rates are estimated better where the production ranker has skill, and a pair
    that was never clicked then has a rate that tells where that ranker put it, not only what users did.
    """

    mean: float | None = None
    strength: float | None = None
    groups: int = 1

    def __post_init__(self) -> None:
        if self.mean is not None and not 0 < self.mean < 1:
            raise ConfigurationError(f"prior mean {self.mean} is not between 0 and 1; give a rate, or None to estimate")
        if self.groups < 1:
            raise ConfigurationError(f"prior groups {self.groups}: give 1 for one mean for all pairs, or more")
        if self.strength is not None and not (np.isfinite(self.strength) and self.strength >= 0):
            raise ConfigurationError(
                f"prior strength {self.strength} is not a number of trials; give 0 or more, or None to estimate it"
            )


ESTIMATED = Prior()
"""Nothing fixed: mean and strength are estimated."""


@dataclass(frozen=True)
class Beta:
    """Beta(s m, s (1 - m)) for each of U rates: `mean` [U] and the common `strength` s.

    `typical` is the mean for a rate of which nothing at all is known, not even its group.
    """

    mean: Floats
    strength: float
    typical: float

    def posterior_mean(self, successes: Floats, trials: Floats) -> Floats:
        """(x + s m) / (n + s) [U], in [EDGE, 1 - EDGE]; the mean where n + s is 0."""
        weight = trials + self.strength
        rate = (successes + self.strength * self.mean) / np.where(weight > 0, weight, 1.0)
        return np.clip(np.where(weight > 0, rate, self.mean), EDGE, 1 - EDGE)

    def posterior_deviation(self, successes: Floats, trials: Floats) -> Floats:
        """Standard deviation [U] of Beta(s m + x, s (1 - m) + n - x): sqrt(r (1 - r) / (n + s + 1))."""
        rate = self.posterior_mean(successes, trials)
        deviation: Floats = np.sqrt(rate * (1 - rate) / (trials + self.strength + 1))
        return deviation

    @property
    def deviation(self) -> float:
        """Standard deviation of a rate of which nothing is known: sqrt(m (1 - m) / (s + 1)) at m = `typical`."""
        return float(np.sqrt(self.typical * (1 - self.typical) / (self.strength + 1)))

    def log_density(self, rate: Floats) -> float:
        """sum_u s m log r + s (1 - m) log(1 - r): `posterior_mean` maximises the log-likelihood plus this."""
        return float(self.strength * (self.mean * np.log(rate) + (1 - self.mean) * np.log1p(-rate)).sum())


def estimate_beta(
    successes: Floats,
    trials: Floats,
    prior: Prior = ESTIMATED,
    *,
    squares: Floats | None = None,
    group: npt.NDArray[np.integer] | None = None,
) -> Beta:
    """The Beta distribution of U rates from the successes x [U] of each; the mean of each `group` [U] is its own.

    Let x be a sum of Bernoulli draws with probabilities w_i r, `trials` n = sum w_i and `squares` v = sum w_i^2 (n
    itself by default: w = 1). For any r, E[x] = n r and E[x (x - 1)] = (n^2 - v) r^2, so
    m = sum_u x_u h_u / sum_u n_u h_u and E[r^2] = sum_u x_u (x_u - 1) g_u / sum_u (n_u^2 - v_u) g_u are consistent for
    weights h, g that do not depend on x, however few trials each rate has. Here h = s / (n + s) and
    g = (s / (n + s))^2, so that a rate with many trials counts once and not by its trials; s starts at 10 and is
    iterated. From the moments, s = m (1 - m) / (E[r^2] - m^2) - 1, within [LEAST, MOST].
    What `prior` fixes is not estimated. Source: method of moments for the beta-binomial, Kleinman, JASA 1973.
    """
    squares = trials if squares is None else squares
    group = np.zeros(len(trials), dtype=np.int64) if group is None else group
    strength = 10.0 if prior.strength is None else prior.strength
    fixed = prior.strength is not None
    factorial, room = successes * (successes - 1), np.maximum(trials * trials - squares, 0.0)
    for _ in range(1 if fixed else 30):
        weight = _weights(trials, strength)
        means, typical = _means(successes, trials, weight, group, prior.mean)
        if fixed:
            break
        # Each rate contributes its own mean, so groups of different means share one strength.
        mean = means[group]
        spread = ((factorial - room * mean**2) * weight**2).sum()
        scale = (room * mean * (1 - mean) * weight**2).sum()
        before = strength
        share = spread / scale if scale > 0 else 0.0  # 1 / (s + 1)
        strength = float(np.clip(1 / share - 1 if share > 0 else MOST, LEAST, MOST))
        if abs(strength - before) <= 1e-3 * before:
            break
    return Beta(means[group], strength, typical)


def groups_by(values: Floats, count: int) -> npt.NDArray[np.int64]:
    """Groups [U] of values [U], from 0: cut at their quantiles into at most `count`; equal values stay together."""
    if count == 1 or not len(values):
        return np.zeros(len(values), dtype=np.int64)
    cuts = np.unique(np.quantile(values, np.arange(1, count) / count))
    return np.searchsorted(cuts, values, side="left").astype(np.int64)


def _weights(trials: Floats, strength: float) -> Floats:
    """s / (n + s): about 1 for few trials, about s / n for many; by trials alone when there is no prior."""
    return strength / (trials + strength) if strength > 0 else np.ones_like(trials)


def _means(
    successes: Floats, trials: Floats, weight: Floats, group: npt.NDArray[np.integer], fixed: float | None
) -> tuple[Floats, float]:
    """The weighted rate of each group, and of all; a group without trials has the rate of all."""
    count = int(group.max(initial=0)) + 1
    if fixed is not None:
        return np.full(count, fixed), fixed
    x, n = np.bincount(group, successes * weight, count), np.bincount(group, trials * weight, count)
    typical = float(np.clip(x.sum() / n.sum() if n.sum() > 0 else 0.5, EDGE, 1 - EDGE))
    means = np.where(n > 0, x / np.where(n > 0, n, 1.0), typical)
    return np.clip(means, EDGE, 1 - EDGE), typical
