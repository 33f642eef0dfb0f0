from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.tasks.demand import content_words, demand_groups, demand_order, zipf_impressions
from benchmark.tasks.splits import Quotas, draw_splits
from benchmark.tasks.strata import cut_by_traffic


def test_same_content_words_are_the_same_demand() -> None:
    groups, sizes = demand_groups({"a": "What is Annuity Insurance?", "b": "what are annuities insurance", "c": "Car?"})
    assert groups == {"a": "a", "b": "a", "c": "c"}
    assert sizes == {"a": 2, "c": 1}


def test_content_words_ignore_order_case_stop_words_and_inflection() -> None:
    assert content_words("Does the policy cover cars?") == content_words("CAR policies: covering?")


def test_demand_order_is_by_demand_then_group_and_keeps_groups_together() -> None:
    groups = ["x", "y", "x", "z", "y"]
    order = demand_order(["1", "2", "3", "4", "5"], groups, np.array([2, 2, 2, 1, 2]), seed=7)
    ordered = [groups[i] for i in order]
    assert ordered[-1] == "z"
    assert ordered[0] == ordered[1] and ordered[2] == ordered[3]


def test_zipf_closed_form() -> None:
    harmonic = 1 + 1 / 2 + 1 / 3
    assert zipf_impressions(3, 1.0, 1100).tolist() == [round(1100 / harmonic / rank) for rank in (1, 2, 3)]


def test_every_question_has_an_impression() -> None:
    assert zipf_impressions(1000, 2.0, 100).min() == 1


def test_cut_by_traffic_closed_form() -> None:
    # traffic before each question: 0, .5, .7, .9 of the whole
    assert cut_by_traffic(np.array([50, 20, 20, 10]), (0.5, 0.8)).tolist() == [0, 1, 1, 2]


def test_a_group_is_never_cut_in_two() -> None:
    assert cut_by_traffic(np.array([50, 20, 20, 10]), (0.5, 0.8), ["a", "a", "b", "b"]).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("shares", [(0.8, 0.5), (0.0, 0.5), (0.5, 1.0), (0.5, 0.5)])
def test_shares_must_increase_within_0_and_1(shares: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        cut_by_traffic(np.array([2, 1]), shares)


def test_impressions_must_be_sorted() -> None:
    with pytest.raises(ValueError, match="sorted"):
        cut_by_traffic(np.array([1, 2]), (0.5, 0.8))


@given(st.lists(st.integers(0, 30), min_size=60, max_size=120), st.integers(0, 5))
def test_splits_fill_quotas_and_part_no_group(members: list[int], seed: int) -> None:
    groups = [str(group) for group in members]
    split, seen = draw_splits(groups, np.zeros(len(groups), dtype=np.int64), Quotas(test=20, seen=5, dev=10), seed)
    tested, left = (split == "test").sum(), len(groups) - (split == "test").sum()
    assert tested >= 20 and seen.sum() >= 5 and (split == "dev").sum() >= min(10, left)
    assert set(split[seen]) == {"test"}
    for group in set(groups):
        rows = np.array(groups) == group
        assert len(set(split[rows])) == 1 and len(set(seen[rows])) == 1
