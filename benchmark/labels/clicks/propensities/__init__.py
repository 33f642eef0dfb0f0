"""Propensities: how likely each rank is examined, by estimators that share one result, `Propensities`.

counts          what all of them read: a log of any length as shows and clicks of each pair at each rank
known           a declared vector; the propensity of a pair, and of a rank, under a known logging policy
click_rates     click rates by rank, for randomised pages; exchanges of two ranks
harvesting      intervention harvesting: AllPairs, PivotOne, AdjacentChain
contexts        AllPairs by context, shrunk to the whole
regression_em   expectation maximisation, attraction by any regressor (`regressors`)
dual            dual learning on counts (`scorers`)
methods         all of them by name
plot, page      examination by rank with intervals

    counts = rank_counts(log)
    all_pairs(counts).examination
"""

from __future__ import annotations

from benchmark.labels.clicks.propensities.click_rates import click_rates, randomised, swapped
from benchmark.labels.clicks.propensities.contexts import all_pairs_by_context
from benchmark.labels.clicks.propensities.counts import RankCounts, rank_counts
from benchmark.labels.clicks.propensities.dual import dual_learning
from benchmark.labels.clicks.propensities.harvesting import adjacent_chain, all_pairs, pivot_one
from benchmark.labels.clicks.propensities.known import from_policy, known, policy_propensity
from benchmark.labels.clicks.propensities.propensities import Propensities
from benchmark.labels.clicks.propensities.regression_em import regression_em
from benchmark.labels.clicks.propensities.regressors import Logistic, PerPair
from benchmark.labels.clicks.propensities.scorers import LinearScores, PairScores

__all__ = [
    "LinearScores",
    "Logistic",
    "PairScores",
    "PerPair",
    "Propensities",
    "RankCounts",
    "adjacent_chain",
    "all_pairs",
    "all_pairs_by_context",
    "click_rates",
    "dual_learning",
    "from_policy",
    "known",
    "pivot_one",
    "policy_propensity",
    "randomised",
    "rank_counts",
    "regression_em",
    "swapped",
]
