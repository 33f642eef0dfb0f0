"""Which lists to annotate: each strategy on a pool whose right answer is known, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.selection.pool import Pool
from benchmark.labels.llm.selection.ranker import apportion
from benchmark.labels.llm.selection.registry import STRATEGIES
from benchmark.labels.llm.selection.strategy import coins, select


def pool_of(size: int = 60, seed: int = 0) -> Pool:
    rng = np.random.default_rng(seed)
    frequency = rng.integers(0, 50, size).astype(float)
    impressions = rng.integers(1, 9, (size, 4))
    return Pool(
        qids=np.array([f"q{number}" for number in range(size)]),
        frequency=frequency,
        stratum=np.array(["low", "medium", "high"])[np.digitize(frequency, [10, 30])],
        clicks=rng.binomial(impressions, 0.3),
        uncertainty=rng.random((size, 4)),
        vectors=rng.normal(size=(size, 3)),
        scores=rng.normal(size=(size, 4)),
        error={"low": 0.5, "medium": 0.3, "high": 0.2},
    )


POOL = pool_of()


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_budget_is_kept_and_no_question_is_chosen_twice(name: str) -> None:
    for budget in (1, 17, 60, 1000):
        chosen = select(name, POOL, budget)
        assert len(chosen) == len(set(chosen.tolist())) == min(budget, 60)


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_same_pool_and_seed_give_the_same_questions_whatever_their_order(name: str) -> None:
    order = np.random.default_rng(1).permutation(60)
    moved = POOL.where(order)
    chosen = set(POOL.qids[select(name, POOL, 12, seed=3)])
    assert chosen == set(moved.qids[select(name, moved, 12, seed=3)])
    if name in ("random", "dev-error", "diversity"):
        assert chosen != set(POOL.qids[select(name, POOL, 12, seed=4)])


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"diversity", "dev-error"}))
def test_a_larger_budget_only_adds(name: str) -> None:
    assert select(name, POOL, 30)[:10].tolist() == select(name, POOL, 10).tolist()


def test_tail_first_and_head_first_sort_by_frequency() -> None:
    assert (np.diff(POOL.frequency[select("tail-first", POOL, 60)]) >= 0).all()
    assert (np.diff(POOL.frequency[select("head-first", POOL, 60)]) <= 0).all()


def test_click_strategies_sort_by_clicks_and_by_variance() -> None:
    assert (np.diff(POOL.clicks.sum(axis=1)[select("click-sparsity", POOL, 60)]) >= 0).all()
    variance = (POOL.uncertainty**2).mean(axis=1)
    assert (np.diff(variance[select("click-uncertainty", POOL, 60)]) <= 0).all()


def test_all_that_a_pool_knows_goes_along_with_its_questions() -> None:
    some = POOL.where(np.array([7, 2]))
    for name, value in vars(POOL).items():
        np.testing.assert_array_equal(getattr(some, name), value if name == "error" else value[[7, 2]])


def test_the_ranker_is_least_sure_of_equal_scores() -> None:
    scores = np.array([[3.0, 0, 0, 0], [1, 1, 1, 1], [9, 0, 0, 0], [1, 1, 0, 0]])
    pool = replace(pool_of(4), scores=scores + np.arange(4)[:, None])  # a shift of a list changes nothing
    assert select("ranker-uncertainty", pool, 4).tolist() == [1, 3, 0, 2]


def test_strata_get_shares_of_the_error() -> None:
    pool = replace(pool_of(400), error={"low": 0.5, "medium": 0.3, "high": 0.2})
    chosen = pool.stratum[select("dev-error", pool, 40)]
    assert [(chosen == name).sum() for name in ("low", "medium", "high")] == [20, 12, 8]


def test_a_stratum_whose_error_is_unknown_gets_what_the_others_leave() -> None:
    pool = replace(pool_of(30), error={"low": 0.5}, stratum=np.array(["low"] * 4 + ["high"] * 26))
    assert sorted(pool.stratum[select("dev-error", pool, 6)]) == ["high"] * 2 + ["low"] * 4


def test_one_question_of_each_cluster() -> None:
    rng = np.random.default_rng(2)
    cluster = rng.integers(0, 6, 120)
    vectors = np.eye(6)[cluster] * 20 + rng.normal(size=(120, 6))
    chosen = select("diversity", replace(pool_of(120), vectors=vectors), 6)
    assert sorted(cluster[chosen]) == [0, 1, 2, 3, 4, 5]
    same = replace(pool_of(20), vectors=np.ones((20, 3)))
    assert len(set(select("diversity", same, 7).tolist())) == 7


def test_of_equal_questions_diversity_takes_one_by_coin() -> None:
    vectors = np.tile(np.random.default_rng(0).normal(size=(20, 384)), (2, 1))
    pool = replace(pool_of(40), vectors=vectors)
    by_coin = np.argsort(coins(pool, 0))
    expected = by_coin[np.unique(by_coin % 20, return_index=True)[1]]
    assert sorted(select("diversity", pool, 20).tolist()) == sorted(expected.tolist())


@given(
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 20)), min_size=1, max_size=5),
    st.integers(0, 60),
)
def test_shares_are_whole_within_capacity_and_use_the_budget(parts: list[tuple[float, int]], budget: int) -> None:
    weights, capacities = [part[0] for part in parts], [part[1] for part in parts]
    given_ = apportion(budget, weights, capacities)
    assert sum(given_) == min(budget, sum(capacities))
    assert all(0 <= share <= capacity for share, capacity in zip(given_, capacities, strict=True))


def test_shares_by_largest_remainder() -> None:
    assert apportion(10, [0.47, 0.16, 0.37], [99, 99, 99]) == [5, 1, 4]
    assert apportion(10, [0.5, 0.5], [2, 99]) == [2, 8]


@pytest.mark.parametrize(
    ("name", "pool", "budget", "message"),
    [
        ("tail-frist", POOL, 5, "selection strategy 'tail-frist' does not exist; did you mean tail-first"),
        ("random", POOL, 0, "a budget of 0 lists selects nothing"),
        ("click-sparsity", replace(POOL, clicks=None), 5, "click-sparsity needs the clicks of the pool"),
        ("dev-error", replace(POOL, error={}), 5, "dev-error needs the error of the pool"),
    ],
)
def test_what_cannot_be_selected(name: str, pool: Pool, budget: int, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        select(name, pool, budget)
