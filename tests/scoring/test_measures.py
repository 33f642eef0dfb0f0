"""Measures by hand: closed forms on lists short enough to check with a pencil."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest

from benchmark.errors import ConfigurationError
from benchmark.running.score import score_rankings
from benchmark.scoring import HEADLINE, MEASURES, Measure, Ranked, ideal_grades, measure_named, rank_grades, score
from benchmark.tasks.task import Grades, Questions


def value(name: str, grades: list[int], judged: list[int] | None = None, max_grade: int = 1) -> float:
    """The measure on one list; `judged` are all grades of the query, in the list or not (the list's, if not given)."""
    lists = Ranked(np.array([grades]), ideal_grades([grades if judged is None else judged]), max_grade)
    return float(measure_named(name)(lists)[0])


def test_ndcg_of_one_relevant_document_is_the_discount_of_its_rank() -> None:
    assert value("nDCG@10", [1, 0, 0]) == 1
    assert value("nDCG@10", [0, 1, 0]) == pytest.approx(1 / log2(3))
    assert value("nDCG@10", [0, 0, 1]) == pytest.approx(1 / 2)


def test_ndcg_gain_is_exponential() -> None:
    worst_first = 1 + 7 / log2(3)
    best_first = 7 + 1 / log2(3)
    assert value("nDCG@3", [1, 3], max_grade=3) == pytest.approx(worst_first / best_first)
    assert value("nDCG@1", [1, 3], max_grade=3) == pytest.approx(1 / 7)


def test_ndcg_ideal_counts_relevant_documents_outside_the_list() -> None:
    assert value("nDCG@10", [1, 0], judged=[1, 1]) == pytest.approx(1 / (1 + 1 / log2(3)))
    # Beyond the cut-off a further relevant document changes nothing.
    assert value("nDCG@1", [1, 0], judged=[1, 1]) == 1


def test_ndcg_looks_at_no_more_than_k_documents() -> None:
    assert value("nDCG@10", [0] * 10 + [1]) == 0
    assert value("nDCG@3", [0, 0, 0, 1]) == 0
    assert value("nDCG@5", [0, 0, 0, 1]) == pytest.approx(1 / log2(5))


def test_err_of_binary_grades_halves_at_each_relevant_document() -> None:
    assert value("ERR@10", [1]) == 1 / 2
    assert value("ERR@10", [0, 1]) == 1 / 4
    assert value("ERR@10", [1, 1]) == pytest.approx(1 / 2 + (1 / 2) * (1 / 2) * (1 / 2))
    assert value("ERR@10", [0] * 10 + [1]) == 0


def test_err_depends_on_the_highest_grade_of_the_scale() -> None:
    assert value("ERR@10", [4], max_grade=4) == 15 / 16
    assert value("ERR@10", [1], max_grade=4) == 1 / 16
    # Chapelle et al.: sum over ranks of 1/r R_r prod (1 - R_i).
    assert value("ERR@10", [3, 2, 4], max_grade=4) == pytest.approx(7 / 16 + 9 / 16 * (3 / 32 + 13 / 16 * (15 / 48)))


def test_the_scale_is_that_of_the_task_whichever_questions_are_scored() -> None:
    questions = Questions(
        qids=np.array(["a", "b"]),
        docnos=np.array([["a1", "a2"], ["b1", "b2"]]),
        frequency=np.array([2, 1]),
        stratum=np.array(["high", "low"]),
        split=np.array(["test", "test"]),
        seen=np.array([False, False]),
        draw=np.array([0, 1]),
    )
    grades = Grades({"a": {"a1": 1}, "b": {"b1": 3}})
    one = np.array([True, False])
    both = score_rankings(questions, grades)(np.array([[2.0, 1], [2, 1]]))["ERR@10"]
    alone = score_rankings(questions.where(one), grades.only(questions.qids[one]))(np.array([[2.0, 1]]))["ERR@10"]
    assert both.tolist() == [1 / 8, 7 / 8] and alone.tolist() == [1 / 8]
    assert Grades({"a": {"a1": 1}}).highest == 1 and Grades({}).highest == 1 and grades.highest == 3


def test_rr_is_one_over_the_first_relevant_rank() -> None:
    assert value("RR", [0, 0, 1, 1]) == 1 / 3
    assert value("RR", [0] * 19 + [1]) == 1 / 20
    assert value("RR", [0, 0], judged=[1]) == 0


def test_ap_divides_by_all_relevant_documents() -> None:
    assert value("AP", [1, 0, 1]) == pytest.approx((1 + 2 / 3) / 2)
    assert value("AP", [1, 0, 1], judged=[1, 1, 1, 1]) == pytest.approx((1 + 2 / 3) / 4)


@pytest.mark.parametrize("measure", MEASURES, ids=[measure.name for measure in MEASURES])
def test_a_query_without_relevant_documents_scores_zero(measure: Measure) -> None:
    assert value(measure.name, [0, 0], judged=[]) == 0


def test_rows_do_not_touch_each_other() -> None:
    rows = [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    together = score(Ranked(np.array(rows), ideal_grades(rows), 1))
    for name, values in together.items():
        assert values.tolist() == [value(name, row) for row in rows]


def test_candidates_are_put_in_rank_order() -> None:
    lists = rank_grades(np.array([[0, 1, 0]]), np.array([[2, 0, 1]]), ideal_grades([[1]]), max_grade=1)
    assert lists.grades.tolist() == [[0, 0, 1]]


def test_ideal_grades_are_sorted_and_padded() -> None:
    assert ideal_grades([[0, 3, 1], [], [2]]).tolist() == [[3, 1, 0], [0, 0, 0], [2, 0, 0]]
    assert ideal_grades([[], []]).shape == (2, 0)


def test_the_headline_comes_first_and_names_are_unique() -> None:
    names = [measure.name for measure in MEASURES]
    assert names[0] == HEADLINE == "nDCG@10"
    assert len(set(names)) == len(names)
    assert all(measure.description for measure in MEASURES)


def test_an_unknown_measure_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(ConfigurationError, match=r"no measure 'ndcg@10'; did you mean 'nDCG@10'\?"):
        measure_named("ndcg@10")


@pytest.mark.parametrize(
    ("grades", "ideal", "max_grade", "message"),
    [
        ([[2]], [[2]], 1, "within 0..1"),
        ([[-1]], [[1]], 1, "within 0..1"),
        ([[1]], [[0, 1]], 1, "sorted"),
        ([[1, 1]], [[1, 0]], 1, "row 0: the list holds better grades"),
        ([[1], [1]], [[1]], 1, "disagree"),
    ],
)
def test_grades_that_could_give_a_wrong_number_are_refused(
    grades: list[list[int]], ideal: list[list[int]], max_grade: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Ranked(np.array(grades), np.array(ideal), max_grade)
