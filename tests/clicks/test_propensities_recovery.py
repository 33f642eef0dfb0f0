"""What each estimator finds in simulated logs, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from propensity_logs import TRUTH, draw, worst

from benchmark.labels.clicks.propensities import (
    Logistic,
    adjacent_chain,
    all_pairs,
    all_pairs_by_context,
    click_rates,
    dual_learning,
    from_policy,
    pivot_one,
    randomised,
    rank_counts,
    regression_em,
)


def with_features(estimate):
    """The estimator with the logit of attraction, and a feature that says nothing."""

    def fitted(counts, attraction, **options):
        rng = np.random.default_rng(1)
        features = np.column_stack(
            [np.log(attraction / (1 - attraction)).ravel(), rng.standard_normal(attraction.size)]
        )
        return estimate(counts, features, **options)

    return fitted


def em_by_logistic(counts, features, **options):
    return regression_em(counts, features, Logistic(), **options)


ESTIMATORS = {
    "all-pairs": lambda counts, _, **options: all_pairs(counts, **options),
    "all-pairs, a pair a weight": lambda counts, _, **options: all_pairs(counts, weighting="pair", **options),
    "pivot-one": lambda counts, _, **options: pivot_one(counts, **options),
    "adjacent-chain": lambda counts, _, **options: adjacent_chain(counts, **options),
    "regression-em": with_features(em_by_logistic),
    "regression-em, no features": lambda counts, _, **options: regression_em(counts, **options),
    "dual-learning, no features": lambda counts, _, **options: dual_learning(counts, **options),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_examination_is_recovered_and_the_error_shrinks_as_one_over_root_n(name: str) -> None:
    errors = []
    for impressions in (4_000, 64_000):
        each = []
        for seed in range(6):
            log, attraction = draw(impressions, queries=40, seed=seed)
            found = ESTIMATORS[name](rank_counts(log), attraction, draws=2)
            each.append(np.sqrt(((found.examination - TRUTH) ** 2).mean()))
        errors.append(np.mean(each))
    assert errors[1] < 0.015
    assert errors[1] < errors[0] / 2  # 16 times the data: about a quarter of the error


def test_dual_learning_with_features_is_near() -> None:
    """Of features that hold ln a, whose relevance exp(x w) has the attraction's form."""
    log, attraction = draw(64_000, queries=40)
    counts = rank_counts(log)
    features = np.log(attraction).reshape(-1, 1)
    assert worst(dual_learning(counts, features, draws=2).examination) < 0.03


@pytest.mark.parametrize("estimate", [all_pairs, pivot_one, adjacent_chain])
def test_harvesting_is_unaffected_by_relevance_confounded_with_rank(estimate) -> None:
    """Rarely shown pairs, better ones higher: click rates are far off, contrasts of the same documents are not."""
    log, _ = draw(200_000, queries=20_000, jitter=0.7)
    counts = rank_counts(log)
    assert worst(estimate(counts, draws=2).examination) < 0.03
    assert worst(click_rates(counts, draws=2).examination) > 0.1


def test_shuffled_pages_make_click_rates_examination() -> None:
    errors = []
    for impressions in (3_000, 48_000):
        found = [
            randomised(rank_counts(draw(impressions, jitter=np.inf, seed=seed)[0]), draws=2).examination
            for seed in range(8)
        ]
        errors.append(np.sqrt(np.mean((np.array(found) - TRUTH) ** 2)))
    assert errors[1] < errors[0] / 2 and errors[1] < 0.015


def test_a_known_policy_gives_examination_without_bias() -> None:
    """Placement that depends on relevance, and differs by query; a rank that some pairs never reach."""
    rng = np.random.default_rng(0)
    queries, n = 50, 150_000
    attraction = np.sort(rng.beta(1.5, 2.5, (queries, 3)), axis=1)[:, ::-1]
    exchange = rng.uniform(0.2, 0.6, queries)  # P(the first two documents change places); the third stays
    query = rng.integers(0, queries, n).astype(np.int32)
    shown = np.where((rng.random(n) < exchange[query])[:, None], [1, 0, 2], [0, 1, 2])
    truth = TRUTH[:3]
    clicked = rng.random((n, 3)) < truth * np.take_along_axis(attraction[query], shown, 1)
    placement = np.zeros((queries, 3, 3))
    placement[:, [0, 1], [0, 1]] = 1 - exchange[:, None]
    placement[:, [0, 1], [1, 0]] = exchange[:, None]
    placement[:, 2, 2] = 1.0
    log, _ = draw(1, queries=queries)
    log = type(log)(log.qids, query, shown.astype(np.uint8), clicked, 3, True)
    found = from_policy(rank_counts(log, ranks=2), placement.reshape(-1, 3)[:, :2])
    assert worst(found.examination, truth[:2]) < 0.02


def test_contexts_are_told_apart_and_a_small_one_leans_on_the_whole() -> None:
    curves = {"slow": TRUTH, "fast": np.array([1.0, 0.4, 0.2, 0.1])}
    context = np.array(["slow"] * 150 + ["fast"] * 148 + ["tiny"] * 2)
    by_query = np.array([curves.get(name, TRUTH) for name in context.tolist()])
    log, _ = draw(200_000, queries=300, examination=by_query)
    found = all_pairs_by_context(rank_counts(log), context)
    for name, truth in curves.items():
        assert worst(found.contexts[name].examination, truth) < 0.03
        assert ((found.contexts[name].low <= truth) & (found.contexts[name].high >= truth)).all()
    tiny, alone = found.contexts["tiny"], all_pairs(rank_counts(log).weighted(context == "tiny"))
    between = np.sort([alone.examination, found.examination], axis=0)[:, 1:]
    assert ((between[0] < tiny.examination[1:]) & (tiny.examination[1:] < between[1])).all()
    assert found.of_queries(np.array(["fast", "unknown"])).tolist() == [
        found.contexts["fast"].examination.tolist(),
        found.examination.tolist(),
    ]


def test_equal_contexts_share_a_curve_better_than_each_alone() -> None:
    context = np.arange(200) % 20
    errors = {"shrunk": 0.0, "alone": 0.0}
    for seed in range(3):
        log, _ = draw(20_000, seed=seed)
        counts = rank_counts(log)
        found = all_pairs_by_context(counts, context.astype(str), draws=60)
        for name, curve in found.contexts.items():
            errors["shrunk"] += ((curve.examination - TRUTH) ** 2).sum()
            errors["alone"] += (
                (all_pairs(counts.weighted(context == int(name)), draws=2).examination - TRUTH) ** 2
            ).sum()
    assert errors["shrunk"] < errors["alone"] / 4
