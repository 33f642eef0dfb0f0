from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate.policies import (
    AdjacentSwaps,
    Mixture,
    PlackettLuce,
    Production,
    ShuffledTop,
    SwapsWithFirst,
    Top,
    Uniform,
)

POLICIES = {
    "top": Top(),
    "plackett-luce": PlackettLuce(0.3),
    "plackett-luce-flat": PlackettLuce(2.0),
    "shuffled-3": ShuffledTop(3),
    "shuffled-8": ShuffledTop(8),
    "uniform": Uniform(),
    "adjacent": AdjacentSwaps(),
    "adjacent-rare": AdjacentSwaps(0.1),
    "with-first": SwapsWithFirst(),
    "mixture": Mixture(Top(), Uniform(), 0.2),
    "mixture-of-mixtures": Mixture(PlackettLuce(), Mixture(SwapsWithFirst(), ShuffledTop(4), 0.5), 0.5),
}
every_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)


def production(queries: int, size: int, seed: int = 0) -> Production:
    rng = np.random.default_rng(seed)
    return Production(np.stack([rng.permutation(size) + 1 for _ in range(queries)]))


@every_policy
@settings(max_examples=25)
@given(size=st.integers(1, 12), page=st.integers(1, 12), seed=st.integers(0, 99))
def test_a_page_shows_each_document_at_most_once_and_only_candidates(policy, size: int, page: int, seed: int) -> None:
    page = min(page, size)
    query = np.arange(300, dtype=np.int32) % 4
    shown = policy.draw(production(4, size), query, page, np.random.default_rng(seed))
    assert shown.shape == (300, page) and shown.dtype == np.uint8 and shown.max() < size
    assert (np.diff(np.sort(shown, axis=1).astype(int), axis=1) > 0).all()


@every_policy
@pytest.mark.parametrize(("size", "page"), [(6, 6), (12, 5), (5, 1)])
def test_exact_probabilities_are_the_frequencies(policy, size: int, page: int) -> None:
    """Whatever the query: the probability is of the place in the production ranking."""
    ranks, n = production(3, size, seed=1), 60_000
    query = np.arange(n, dtype=np.int32) % 3
    shown = policy.draw(ranks, query, page, np.random.default_rng(2))
    place = np.take_along_axis(ranks.rank[query], shown.astype(int), axis=1) - 1
    found = np.stack([np.bincount(place[:, k], minlength=size) for k in range(page)], axis=1) / n
    exact = policy.probability(size, page)
    assert exact.shape == (size, page)
    assert (np.abs(found - exact) <= 4.5 * np.sqrt(np.clip(exact * (1 - exact), 0, 1) / n) + 1e-9).all()


@every_policy
@given(size=st.integers(1, 10), page=st.integers(1, 10))
@settings(max_examples=15)
def test_every_rank_shows_one_document_and_no_document_twice(policy, size: int, page: int) -> None:
    exact = policy.probability(size, min(page, size))
    assert exact.min() >= -1e-12
    np.testing.assert_allclose(exact.sum(axis=0), 1, atol=1e-8)
    assert exact.sum(axis=1).max() <= 1 + 1e-8


@pytest.mark.parametrize("jitter", [0.2, 0.3, 1.0, 5.0])
def test_plackett_luce_by_enumeration(jitter: float) -> None:
    """P(order) = prod_k w_k / (sum of the weights that are left), summed over all orders of four documents."""
    weight = np.arange(1, 5) ** (-1 / jitter)
    expected = np.zeros((4, 3))
    for order in permutations(range(4)):
        w = weight[list(order)]
        chance = np.prod(w / np.cumsum(w[::-1])[::-1])
        expected[list(order[:3]), range(3)] += chance
    np.testing.assert_allclose(PlackettLuce(jitter).probability(4, 3), expected, atol=1e-9)


def test_plackett_luce_of_a_long_list_starts_with_its_weights() -> None:
    weight = np.arange(1, 101) ** (-1 / 0.3)
    exact = PlackettLuce(0.3).probability(100, 2)
    np.testing.assert_allclose(exact[:, 0], weight / weight.sum(), atol=1e-9)


def test_little_jitter_is_the_production_ranking() -> None:
    np.testing.assert_allclose(PlackettLuce(1e-3).probability(4, 3), Top().probability(4, 3), atol=1e-9)
    ranks, query = production(5, 20), np.arange(500, dtype=np.int32) % 5
    close = PlackettLuce(1e-3).draw(ranks, query, 10, np.random.default_rng(0))
    assert (close == Top().draw(ranks, query, 10, np.random.default_rng(0))).all()


def test_swaps_leave_a_page_of_the_same_documents() -> None:
    ranks, query = production(5, 20), np.arange(500, dtype=np.int32) % 5
    top = np.sort(Top().draw(ranks, query, 10, np.random.default_rng(0)), axis=1)
    for policy in (AdjacentSwaps(), SwapsWithFirst(), ShuffledTop(10)):
        shown = policy.draw(ranks, query, 10, np.random.default_rng(0))
        assert (np.sort(shown, axis=1) == top).all()


def test_adjacent_swaps_move_nothing_further_than_one_rank() -> None:
    ranks, query = production(1, 20), np.zeros(500, dtype=np.int32)
    shown = AdjacentSwaps(1.0).draw(ranks, query, 10, np.random.default_rng(0))
    moved = np.abs(ranks.rank[0][shown] - np.arange(1, 11))
    assert moved.max() == 1 and set(moved.sum(axis=1)) == {8, 10}  # all pairs from rank 1, or all pairs from rank 2


@pytest.mark.parametrize("wrong", [lambda: PlackettLuce(0.0), lambda: ShuffledTop(0), lambda: AdjacentSwaps(2.0),
                                   lambda: Mixture(Top(), Uniform(), -1.0)])  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_one_line(wrong) -> None:
    with pytest.raises(ConfigurationError, match=r"give|no probability") as caught:
        wrong()
    assert "\n" not in str(caught.value)
