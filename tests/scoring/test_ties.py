"""Ties: one order for all systems, from which no naming can profit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmark.errors import SystemFault
from benchmark.hashing import seeded_hash
from benchmark.scoring import Ranked, rank_order, score, tie_rate, tiebreaks
from benchmark.scoring.ranked import Floats
from benchmark.scoring.ties import Bools

QIDS = ["q1", "q2"]
DOCNOS = [["a", "b", "c"], ["b", "c"]]


def test_tiebreaks_are_seeded_hashes_of_query_and_document() -> None:
    found = tiebreaks(QIDS, DOCNOS, seed=7)
    assert found.dtype == np.uint64
    assert found.tolist() == [
        [seeded_hash(7, "q1", docno) for docno in "abc"],
        [*(seeded_hash(7, "q2", docno) for docno in "bc"), 0],
    ]


def test_higher_scores_come_first_and_ties_follow_the_hash() -> None:
    hashes = np.array([[3, 1, 2, 9]], dtype=np.uint64)
    assert rank_order(np.array([[0.5, 0.5, 0.5, 2.0]]), hashes, ["q"]).tolist() == [[3, 1, 2, 0]]
    # The largest hashes differ only in bits that float64 does not hold.
    near = np.array([[2**64 - 1, 2**64 - 2]], dtype=np.uint64)
    assert rank_order(np.zeros((1, 2)), near, ["q"]).tolist() == [[1, 0]]


def test_zero_and_minus_zero_are_tied() -> None:
    assert rank_order(np.array([[-0.0, 0.0]]), np.array([[2, 1]], dtype=np.uint64), ["q"]).tolist() == [[1, 0]]
    assert tie_rate(np.array([[-0.0, 0.0]])) == 1


def test_places_without_a_document_come_last_whatever_their_score() -> None:
    candidates = np.array([[True, False, True]])
    for score_there in (9.0, np.nan, np.inf):
        scores = np.array([[-2.0, score_there, -1.0]])
        assert rank_order(scores, np.zeros((1, 3), np.uint64), ["q"], candidates).tolist() == [[2, 0, 1]]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_not_finite_is_a_fault_of_the_system(wrong: float) -> None:
    scores = np.array([[1.0, 2.0], [0.0, wrong]])
    with pytest.raises(SystemFault, match="query 'q2': the score of candidate 1 is") as caught:
        rank_order(scores, np.zeros((2, 2), np.uint64), QIDS)
    assert "\n" not in str(caught.value)


def test_a_constant_scorer_scores_the_same_however_documents_are_named() -> None:
    """Naming relevant documents first or last in the alphabet must not pay; it once moved nDCG@10 from .63 to .97."""
    queries, width = 3000, 5
    qids = [f"q{row}" for row in range(queries)]
    grades = np.tile(np.eye(1, width, dtype=np.int64), (queries, 1))
    means = []
    for relevant, other in (("a", "z"), ("z", "a")):
        names = [[f"{relevant}0", *(f"{other}{column}" for column in range(1, width))] for _ in qids]
        order = rank_order(np.zeros((queries, width)), tiebreaks(qids, names), qids)
        lists = Ranked(np.take_along_axis(grades, order, axis=1), grades, max_grade=1)
        means.append(score(lists)["nDCG@10"].mean())
    expected = np.mean(1 / np.log2(np.arange(2, width + 2)))
    assert means == pytest.approx([expected] * 2, abs=0.02)


def test_tie_rate_by_hand() -> None:
    assert tie_rate(np.array([[1.0, 1.0, 2.0], [1.0, 2.0, 3.0]])) == 1 / 6
    assert tie_rate(np.zeros((3, 4))) == 1
    assert tie_rate(np.zeros((3, 1))) == 0
    assert tie_rate(np.zeros((0, 4))) == 0
    # Equal scores of two queries are no tie; nor is a place without a document.
    assert tie_rate(np.array([[1.0, 2.0], [2.0, 1.0]])) == 0
    assert tie_rate(np.array([[1.0, 1.0, 0.0]]), np.array([[True, True, False]])) == 1


@settings(max_examples=50)
@given(arrays(np.float64, (4, 9), elements=st.integers(0, 4)), arrays(np.bool_, (4, 9)))
def test_tie_rate_counts_pairs(scores: Floats, candidates: Bools) -> None:
    equal = scores[:, :, None] == scores[:, None, :]
    pair = np.triu(candidates[:, :, None] & candidates[:, None, :], k=1)
    expected = (equal & pair).sum() / pair.sum() if pair.any() else 0.0
    assert tie_rate(scores, candidates) == pytest.approx(expected, abs=1e-15)
