"""A curve for each context, since users may examine pages differently by device, intent or frequency of the query."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError
from benchmark.labels.clicks.propensities.bootstrap import DRAWS, FLOOR, NORMAL, unbounded
from benchmark.labels.clicks.propensities.counts import RankCounts
from benchmark.labels.clicks.propensities.harvesting import all_pairs
from benchmark.labels.clicks.propensities.propensities import Propensities

Floats = npt.NDArray[np.float64]


def all_pairs_by_context(
    counts: RankCounts, context: npt.NDArray[np.str_], *, draws: int = DRAWS, seed: int = 0
) -> Propensities:
    """`all_pairs` of the whole log, and in `contexts` a curve for each context of the log's queries [Q], shrunk to it.

    ln e_ck = ln e_k + t^2 / (t^2 + v_ck) (ln E_ck - ln e_k), with E_c the estimate of the context alone, v_ck its
    variance by bootstrap, at least that of the whole log over the context's share of the documents shown, and t^2 the
    variance between contexts beyond v (method of moments over all contexts and ranks; DerSimonian & Laird, Controlled
    Clinical Trials 1986). A context that cannot be estimated alone gets the overall curve. Source of examination by
    context: Fang et al., Intervention Harvesting for Context-Dependent Examination-Bias Estimation, SIGIR 2019; here
    contexts are groups, not features of a network. Raises `DataError` as `all_pairs` does, and unless there is a
    context for each query.
    """
    if len(context) <= counts.query_number[-1]:
        raise DataError(
            f"contexts: {len(context)} given, but the log shows query {counts.query_number[-1]}; give each query one"
        )
    of_query = context[counts.query_number]
    names = np.unique(of_query).tolist()
    overall = all_pairs(counts, draws=draws, seed=seed)
    alone = [_alone(counts.weighted(of_query == name), draws, seed) for name in names]
    centre, own = _log(overall.examination), np.array([_log(part.examination) for part in alone])
    # A bootstrap over a few queries may by chance find them alike: a context is not known better than its share allows.
    least = [_variance(overall) * overall.shown / max(part.shown, 1) for part in alone]
    variance = np.maximum([_variance(part) for part in alone], least)
    between = _between(own[:, 1:], variance[:, 1:])
    # Where a context has no estimate its variance is infinite, and the weight of its own estimate 0.
    trust = between / (between + variance) if between > 0 else np.zeros_like(variance)
    trust = np.where(np.isfinite(variance), trust, 0.0)
    logs = centre + trust * (np.where(trust > 0, own, centre) - centre)
    spread = NORMAL * np.sqrt(trust * np.where(trust > 0, variance, 0.0) + (1 - trust) ** 2 * _variance(overall))
    curves = {}
    for name, part, log, half in zip(names, alone, logs, spread, strict=True):
        middle = np.exp(log)
        middle[0], half[0] = 1.0, 0.0
        curves[name] = replace(
            part, method=overall.method, examination=middle, low=middle * np.exp(-half), high=middle * np.exp(half)
        )
    return replace(overall, method="all-pairs-by-context", contexts=curves)


def _alone(part: RankCounts, draws: int, seed: int) -> Propensities:
    try:
        return all_pairs(part, draws=draws, seed=seed)
    except DataError:
        return Propensities("all-pairs", np.ones(part.ranks), *unbounded(part.ranks), 0)


def _log(examination: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(examination, FLOOR))
    return logs


def _variance(estimate: Propensities) -> Floats:
    """Variance of ln e [K], which its interval holds."""
    half = np.log(np.maximum(estimate.high, FLOOR)) - _log(estimate.examination)
    variance: Floats = (half / NORMAL) ** 2
    return variance


def _between(own: Floats, variance: Floats) -> float:
    """t^2 = (sum w (x - x_k)^2 - sum (C_k - 1)) / sum_k (sum w - sum w^2 / sum w), w = 1 / v, x_k the weighted mean."""
    w = np.where(np.isfinite(variance) & (variance > 0), 1 / np.maximum(variance, FLOOR**2), 0.0)
    total = np.maximum(w.sum(axis=0), FLOOR**2)
    mean = (w * own).sum(axis=0) / total
    excess = (w * (own - mean) ** 2).sum() - np.maximum((w > 0).sum(axis=0) - 1, 0).sum()
    scale = (total - (w**2).sum(axis=0) / total).sum()
    return max(0.0, float(excess / scale)) if scale > 0 else 0.0
