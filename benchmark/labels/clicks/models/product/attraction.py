"""What each pair's clicks say of its attraction when examination is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.counting.statistics import Statistics
from benchmark.labels.clicks.models.fitting.priors import EDGE, Beta, Prior, estimate_beta, groups_by

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attraction:
    """Attraction and its standard deviation of every pair [P], under a `prior`."""

    mean: Floats
    deviation: Floats
    prior: Beta


def attraction_prior(statistics: Statistics, examination: Floats, rank: npt.NDArray[np.integer], prior: Prior) -> Beta:
    """The prior of the pairs that occur, by moments (see `estimate_beta`); `rank` [contexts] is for its groups."""
    weight = examination[statistics.context]
    shown = statistics.impressions * weight
    group = groups_by(
        statistics.by_pair(statistics.impressions * rank[statistics.context])
        / np.maximum(statistics.by_pair(statistics.impressions), 1),
        prior.groups,
    )
    clicks, trials, squares = (statistics.by_pair(x) for x in (statistics.clicks, shown, shown * weight))
    return estimate_beta(clicks, trials, prior, squares=squares, group=group)


def most_probable(statistics: Statistics, examination: Floats, beta: Beta) -> Floats:
    """The attraction a [U] that EM with this examination and prior converges to, by Newton's method.

    It is the top of the log-likelihood plus s m log a + s (1 - m) log(1 - a), which is concave: the root of
    f(a) = a (s (1 - m) / (1 - a) + sum_k (n_k - c_k) g_k / (1 - g_k a)) = C + s m, f growing. Where every g_k is 1 the
    root is (C + s m) / (n + s), the posterior mean, and where none is above 0 it is m. The steps are taken for log f
    as a function of logit a, which is a straight line in the first case and bends little in between.
    """
    weight, row = examination[statistics.context], statistics.row
    missed = (statistics.impressions - statistics.clicks) * weight
    pro = statistics.by_pair(statistics.clicks) + beta.strength * beta.mean
    con = beta.strength * (1 - beta.mean)
    target = np.log(np.maximum(pro, EDGE))
    exposure = statistics.by_pair(statistics.impressions * weight)
    rate = np.clip(pro / np.maximum(exposure + beta.strength, EDGE), EDGE, 1 - EDGE)
    edge = float(np.log((1 - EDGE) / EDGE))
    low, high = np.full(len(pro), -edge), np.full(len(pro), edge)
    x = np.log(rate / (1 - rate))
    for _ in range(60):
        left = missed / (1 - weight * rate[row])
        slow = con / (1 - rate) + statistics.by_pair(left)
        left *= weight / (1 - weight * rate[row])
        slope = (1 - rate) * (1 + rate * (con / (1 - rate) ** 2 + statistics.by_pair(left)) / np.maximum(slow, EDGE))
        above = np.log(rate * np.maximum(slow, EDGE)) - target
        low, high = np.where(above < 0, x, low), np.where(above < 0, high, x)
        newton = x - above / np.maximum(slope, EDGE)
        x = np.where(newton < low, (low + x) / 2, np.where(newton > high, (x + high) / 2, newton))
        moved = np.clip(1 / (1 + np.exp(-x)), EDGE, 1 - EDGE)
        change = np.abs(moved - rate).max(initial=0.0)
        rate = moved
        if change < 1e-9:
            break
    return rate


def with_deviation(statistics: Statistics, examination: Floats, rate: Floats, beta: Beta) -> Attraction:
    """All pairs [P]; deviation = sqrt(a (1 - a) / (n' + s + 1)), n' = sum_k n_k g_k (1 - a) / (1 - g_k a).

    n' is the expected information of the impressions, sum_k n_k g_k / (a (1 - g_k a)), in examined impressions: n where
    examination is certain, so that this is the deviation of the Beta posterior, and 0 where nothing was examined, so
    that it is the prior's, however often a pair was shown. Expected counts of EM would not do: they count an impression
    that nobody examined as a trial. Examination is taken as known.
    """
    weight, each = examination[statistics.context], rate[statistics.row]
    trials = statistics.by_pair(statistics.impressions * weight * (1 - each) / (1 - weight * each))
    deviation = np.sqrt(rate * (1 - rate) / (trials + beta.strength + 1))
    return Attraction(statistics.everywhere(rate, beta.typical), statistics.everywhere(deviation, beta.deviation), beta)


def log_likelihood(statistics: Statistics, examination: Floats, rate: Floats) -> float:
    """sum over cells of c log(g a) + (n - c) log(1 - g a); `rate` a [U]."""
    won = statistics.by_context(statistics.clicks) @ np.log(examination)
    won += statistics.by_pair(statistics.clicks) @ np.log(rate)
    missed = np.log1p(-examination[statistics.context] * rate[statistics.row])
    return float(won + (statistics.impressions - statistics.clicks) @ missed)
