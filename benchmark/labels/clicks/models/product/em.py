"""Expectation maximisation over examination and attraction at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.counting.statistics import Statistics
from benchmark.labels.clicks.models.fitting.priors import EDGE, Beta
from benchmark.labels.clicks.models.fitting.squarem import FixedPoint, squarem

Floats = npt.NDArray[np.float64]


def expectation_maximisation(
    statistics: Statistics, examination: Floats, rate: Floats, beta: Beta, *, iterations: int, tolerance: float
) -> tuple[Floats, Floats, FixedPoint]:
    """Examination g [contexts], g[0] = 1, and attraction a [U] from the given start; accelerated (see `squarem`).

    E: an unclicked document was attractive with probability a (1 - g) / (1 - a g), examined with g (1 - a) / (1 - a g).
    M: g is the mean of its posteriors; a is (x + s m) / (n + s), x the sum of its own. Each step maximises the
    log-likelihood plus `beta.log_density(a)`, which therefore never decreases; g[0] is held at 1, since g and a are
    known up to a factor only.
    Source: Chuklin et al., Click Models for Web Search, 2015, sections 3.3 and 4.2.
    """
    clicks, impressions = statistics.clicks.astype(np.float64), statistics.impressions.astype(np.float64)
    row, context = statistics.row, statistics.context
    pair_clicks, pair_impressions = statistics.by_pair(clicks), statistics.by_pair(impressions)
    context_clicks, context_impressions = statistics.by_context(clicks), statistics.by_context(impressions)
    unclicked = impressions - clicks
    split = statistics.contexts - 1

    def step(x: Floats) -> tuple[Floats, float]:
        g, a = np.append(1.0, _probability(x[:split])), _probability(x[split:])
        both = a[row]
        both *= g[context]
        np.subtract(1.0, both, out=both)  # P(not clicked)
        objective = context_clicks @ np.log(g) + pair_clicks @ np.log(a) + unclicked @ np.log(both)
        objective += beta.log_density(a)
        np.divide(unclicked, both, out=both)
        # Sums over cells of a (1 - g) w and g (1 - a) w, w = (n - c) / (1 - a g): a and g leave the sums they index.
        weighted = both * g[context]
        attracted = pair_clicks + a * (statistics.by_pair(both) - statistics.by_pair(weighted))
        examined = context_clicks + statistics.by_context(weighted) - statistics.by_context(weighted * a[row])
        updated = examined[1:] / np.maximum(context_impressions[1:], 1)
        return np.append(_logit(updated), _logit(beta.posterior_mean(attracted, pair_impressions))), float(objective)

    start = np.append(_logit(examination[1:]), _logit(rate))
    result = squarem(step, start, iterations=iterations, tolerance=tolerance)
    g, a = _probability(result.parameters[:split]), _probability(result.parameters[split:])
    return np.append(1.0, g), a, result


def _probability(x: Floats) -> Floats:
    return np.clip(1 / (1 + np.exp(-np.clip(x, -30, 30))), EDGE, 1 - EDGE)


def _logit(p: Floats) -> Floats:
    p = np.clip(p, EDGE, 1 - EDGE)
    return np.log(p / (1 - p))
