"""Click rates of counts [Q, L, K], smoothed, and how sure they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.fitting.priors import LEAST, MOST

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def ctr_labels(impressions: Counts, clicks: Counts, strength: float) -> Floats:
    """Smoothed click-through rate [Q, L] of counts [Q, L, K]: (c + s m) / (n + s), m the rate of these counts."""
    return _smoothed(clicks.sum(axis=2), impressions.sum(axis=2), strength)


def ips_labels(impressions: Counts, clicks: Counts, examination: Floats, strength: float, clip: float) -> Floats:
    """Inverse propensity scored rate [Q, L]: (sum_k c_k / max(e_k, clip) + s m) / (n + s), m its mean here.

    Without clipping and smoothing its expectation is the attraction of a position-based user. Source: Joachims et al.,
    Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017, section 4.
    """
    return _smoothed(clicks @ (1 / np.maximum(examination, clip)), impressions.sum(axis=2), strength)


def weighted_deviation(impressions: Counts, clicks: Counts, weight: Floats, strength: float) -> Floats:
    """Standard deviation [Q, L] of the smoothed rate r of clicks weighted by `weight` w [K].

    sqrt((v - r^2) / (n + s + 1)), v the mean of (w c)^2 smoothed as r is. With w = 1 this is the deviation of the Beta
    posterior, sqrt(r (1 - r) / (n + s + 1)); without impressions it is that of the log, whatever was clicked.
    """
    shown = impressions.sum(axis=2)
    rate = _smoothed(clicks @ weight, shown, strength)
    variance = np.maximum(_smoothed(clicks @ weight**2, shown, strength) - rate**2, 0.0)
    deviation: Floats = np.sqrt(variance / (shown + strength + 1))
    return deviation


def estimated_strength(impressions: Counts, clicks: Counts, weight: Floats) -> float:
    """The strength s of the prior, in impressions, that suits a rate of clicks weighted by `weight` w [K].

    s = v / t, v the variance of w c of one impression about the rate r of its pair and t that of r over pairs: then
    (x + s m) / (n + s) is the best linear estimate of r. By moments, with x = sum w c and y = sum w^2 c of each pair,
    m = sum x / sum n, E[r^2] = sum (x^2 - y) / sum n (n - 1), t = E[r^2] - m^2 and v = sum y / sum n - E[r^2], each sum
    over pairs weighted as in `estimate_beta`. With w = 1 this is the strength of the Beta prior. Within [LEAST, MOST].
    Source: empirical linear Bayes estimation, Robbins, 1983; Buhlmann's credibility, 1967.
    """
    n = impressions.sum(axis=2).ravel().astype(np.float64)
    x, y = (clicks @ weight).ravel(), (clicks @ weight**2).ravel()
    strength = 10.0
    for _ in range(30):
        h = strength / (n + strength)
        mean = (x * h).sum() / max((n * h).sum(), 1.0)
        square = ((x * x - y) * h**2).sum() / max((n * (n - 1) * h**2).sum(), 1.0)
        within, between = (y * h).sum() / max((n * h).sum(), 1.0) - square, square - mean**2
        before = strength
        strength = float(np.clip(within / between if between > 0 else MOST, LEAST, MOST))
        if abs(strength - before) <= 1e-3 * before:
            break
    return strength


def _smoothed(total: npt.NDArray[np.number], shown: Counts, strength: float) -> Floats:
    """(x + s m) / (n + s), m = sum x / sum n; m where n + s is 0."""
    mean = total.sum() / max(shown.sum(), 1)
    weight = shown + strength
    rate: Floats = np.where(weight > 0, (total + strength * mean) / np.where(weight > 0, weight, 1.0), mean)
    return rate
