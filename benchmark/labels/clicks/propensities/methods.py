"""The estimators by name, for a command that runs several on one log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError, nearest
from benchmark.labels.clicks.propensities.bootstrap import DRAWS, FEW_DRAWS
from benchmark.labels.clicks.propensities.click_rates import click_rates, randomised
from benchmark.labels.clicks.propensities.counts import RankCounts
from benchmark.labels.clicks.propensities.dual import dual_learning
from benchmark.labels.clicks.propensities.harvesting import adjacent_chain, all_pairs, pivot_one
from benchmark.labels.clicks.propensities.propensities import Propensities
from benchmark.labels.clicks.propensities.regression_em import regression_em
from benchmark.labels.clicks.propensities.regressors import Logistic

Floats = npt.NDArray[np.float64]
Estimate = Callable[[RankCounts, Floats | None, int, int], Propensities]


@dataclass(frozen=True)
class Method:
    """An estimator from counts, features [P, F] (or none), draws of the bootstrap and seed."""

    name: str
    description: str
    estimate: Estimate
    draws: int = DRAWS
    asked_only: bool = False
    """Not among those that run when none is named."""


def _regression(counts: RankCounts, features: Floats | None, draws: int, seed: int) -> Propensities:
    return regression_em(counts, features, None if features is None else Logistic(), draws=draws, seed=seed)


METHODS = {
    method.name: method
    for method in (
        Method("click-rate", "clicks per show, relative to rank 1; no examination unless ranks were random",
               lambda counts, _, draws, seed: click_rates(counts, draws=draws, seed=seed)),
        Method("randomised", "the same, for a log whose pages were shuffled uniformly",
               lambda counts, _, draws, seed: randomised(counts, draws=draws, seed=seed), asked_only=True),
        Method("all-pairs", "intervention harvesting from all pairs of ranks",
               lambda counts, _, draws, seed: all_pairs(counts, draws=draws, seed=seed)),
        Method("pivot-one", "intervention harvesting against rank 1",
               lambda counts, _, draws, seed: pivot_one(counts, draws=draws, seed=seed)),
        Method("adjacent-chain", "intervention harvesting along neighbouring ranks",
               lambda counts, _, draws, seed: adjacent_chain(counts, draws=draws, seed=seed)),
        Method("regression-em", "expectation maximisation, attraction regressed on features where there are any",
               _regression, FEW_DRAWS),
        Method("dual-learning", "examination and ranking scores in turn, on features where there are any",
               lambda counts, features, draws, seed: dual_learning(counts, features, draws=draws, seed=seed),
               FEW_DRAWS),
    )
}  # fmt: skip


def method(name: str) -> Method:
    """The estimator of that name; raises `ConfigurationError` with the nearest name when there is none."""
    if name not in METHODS:
        raise ConfigurationError(f"method {name}: there is no such estimator; {nearest(name, METHODS)}")
    return METHODS[name]
