"""Regression-EM: examination and attraction together, attraction by any regressor of features."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from benchmark.errors import DataError
from benchmark.labels.clicks.propensities.acceleration import fixed_point
from benchmark.labels.clicks.propensities.bootstrap import FEW_DRAWS, interval, refitted
from benchmark.labels.clicks.propensities.counts import RankCounts
from benchmark.labels.clicks.propensities.propensities import Propensities
from benchmark.labels.clicks.propensities.regressors import FitPredict, PerPair

Floats = npt.NDArray[np.float64]
_EDGE = 1e-6


def regression_em(
    counts: RankCounts,
    features: Floats | None = None,
    fit_predict: FitPredict | None = None,
    *,
    iterations: int = 500,
    tolerance: float = 1e-5,
    draws: int = FEW_DRAWS,
    seed: int = 0,
) -> Propensities:
    """Examination [K] of P(click) = e_k a_p by expectation maximisation, with a_p = `fit_predict` of features [P, F].

    E: without a click, p was examined with probability e (1 - a) / (1 - e a), attractive with a (1 - e) / (1 - e a).
    M: e_k is the mean posterior of examination at k; a is fitted to each pair's mean posterior of attraction, weighted
    by how often it was shown. `features` are of all pairs of the log. Without them a is one number for each pair
    (`PerPair`): the position-based model, whose examination is biased by pairs that were hardly shown; `all_pairs` is
    not. Source: Wang et al., Position Bias Estimation for Unbiased Learning to Rank in Personal Search, WSDM 2018.
    Raises `DataError` when the features are not of this log's pairs, or are given without a regressor, and for a log
    without a click at rank 1.
    """
    counts.require_first_click()
    x = features_of(counts, features)
    if features is not None and fit_predict is None:
        raise DataError("features: given without a regressor; give fit_predict too, for instance Logistic()")
    regress = copy.deepcopy(fit_predict) or PerPair()  # one that goes on from its last fit begins anew each time
    whole = _fit(counts, x, regress, _start(counts), iterations, tolerance)
    # A resample begins at the fit of the whole log and need not be found to more than a hundredth of its spread.
    resampled = refitted(
        counts,
        lambda part: _examination(_fit(part, x, regress, whole, iterations, 10 * tolerance), counts.ranks),
        draws,
        seed,
    )
    examination = _examination(whole, counts.ranks)
    return Propensities("regression-em", examination, *interval(examination, resampled), int(counts.shown.sum()))


def features_of(counts: RankCounts, features: Floats | None) -> Floats:
    """The features [U, F] of the pairs that are shown, out of those of all pairs [P, F]; raises `DataError`."""
    if features is None:
        return np.zeros((len(counts.number), 0))
    if features.ndim != 2 or len(features) <= counts.number[-1]:
        raise DataError(
            f"features: their shape is {features.shape}, but the log shows pair {counts.number[-1]}; give one row of "
            "numbers for each pair of the log"
        )
    chosen = np.asarray(features[counts.number], dtype=np.float64)
    if not np.isfinite(chosen).all():
        raise DataError(
            f"features: pair {counts.number[~np.isfinite(chosen).all(axis=1)][0]} has one that is no number"
        )
    return chosen


def _examination(state: Floats, ranks: int) -> Floats:
    return np.append(1.0, expit(state[: ranks - 1]))


def _start(counts: RankCounts) -> Floats:
    """Logits of examination at ranks 2 to K, then of attraction: click rates, as if all documents were alike."""
    rate = counts.by_rank(counts.clicks) / np.maximum(counts.by_rank(counts.shown), _EDGE)
    examination = np.clip(rate / max(rate[0], _EDGE), _EDGE, 1 - _EDGE)
    mean = counts.clicks.sum() / (examination @ counts.by_rank(counts.shown))
    return logit(np.append(examination[1:], np.full(len(counts.number), np.clip(mean, _EDGE, 1 - _EDGE))))


def _fit(
    counts: RankCounts, features: Floats, regress: FitPredict, start: Floats, iterations: int, tolerance: float
) -> Floats:
    step = _em_step(counts, features, regress)
    return fixed_point(step, start, counts.ranks - 1, iterations=iterations, tolerance=tolerance)


def _em_step(counts: RankCounts, features: Floats, regress: FitPredict) -> Callable[[Floats], Floats]:
    """E and M step on logits; only products e a are told by clicks, so e_1 is 1: what is at rank 1 was examined."""
    by_pair, by_rank = counts.by_pair(counts.shown), np.maximum(counts.by_rank(counts.shown), _EDGE)
    unclicked = counts.shown - counts.clicks

    def step(state: Floats) -> Floats:
        e = np.append(1.0, expit(state[: counts.ranks - 1]))[counts.rank]
        a = np.minimum(expit(state[counts.ranks - 1 :]), 1 - _EDGE)[counts.pair]
        missed = unclicked / (1 - e * a)
        attracted = counts.by_pair(counts.clicks + missed * a * (1 - e))
        examined = counts.by_rank(counts.clicks + missed * e * (1 - a)) / by_rank
        target = np.divide(attracted, by_pair, out=np.zeros_like(attracted), where=by_pair > 0)
        return logit(np.clip(np.append(examined[1:], regress(features, target, by_pair)), _EDGE, 1 - _EDGE))

    return step
