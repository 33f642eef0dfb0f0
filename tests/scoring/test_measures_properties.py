"""What holds for every measure and every list."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmark.scoring import Ranked, ideal_grades, rank_grades, rank_order, score, tiebreaks
from benchmark.scoring.ranked import Floats, Ints

shapes = st.tuples(st.integers(1, 5), st.integers(1, 20))
lists_of_grades = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4)))
more_judged = st.lists(st.integers(0, 4), max_size=3)
fast = settings(max_examples=60)


def ranked_lists(grades: Ints, outside: list[int]) -> Ranked:
    return Ranked(grades, ideal_grades([[*row, *outside] for row in grades.tolist()]), max_grade=4)


@fast
@given(lists_of_grades, more_judged)
def test_values_are_within_0_and_1(grades: Ints, outside: list[int]) -> None:
    for values in score(ranked_lists(grades, outside)).values():
        assert np.all((values >= 0) & (values <= 1))


@fast
@given(lists_of_grades)
def test_the_ideal_ranking_scores_exactly_1(grades: Ints) -> None:
    values = score(ranked_lists(-np.sort(-grades, axis=1), []))
    expected = (grades.max(axis=1) > 0).astype(float)
    for name in ("nDCG@1", "nDCG@3", "nDCG@5", "nDCG@10", "RR", "AP"):
        assert np.array_equal(values[name], expected)


@fast
@given(lists_of_grades, more_judged)
def test_no_order_beats_the_ideal_order(grades: Ints, outside: list[int]) -> None:
    found = score(ranked_lists(grades, outside))
    best = score(ranked_lists(-np.sort(-grades, axis=1), outside))
    assert all(np.all(found[name] <= best[name] + 1e-12) for name in found)


@fast
@given(lists_of_grades, more_judged)
def test_at_rank_one_the_measures_agree(grades: Ints, outside: list[int]) -> None:
    """P@1 = RR@1, and with binary relevance nDCG@1 is the same and ERR@1 its half."""
    binary = (grades > 0).astype(np.int64)
    hit = binary[:, 0].astype(float)
    judged = [[*row, *[1 for grade in outside if grade]] for row in binary.tolist()]
    lists = Ranked(binary, ideal_grades(judged), max_grade=1)
    values = score(lists)
    assert np.array_equal(values["RR"] == 1, hit == 1)
    assert np.array_equal(values["nDCG@1"], hit)
    first = score(Ranked(binary[:, :1], lists.ideal, max_grade=1))
    assert np.array_equal(first["RR"], hit)
    assert np.array_equal(first["ERR@10"], hit / 2)


@fast
@given(lists_of_grades, more_judged)
def test_what_lies_beyond_the_cut_changes_nothing(grades: Ints, outside: list[int]) -> None:
    longer = np.hstack([grades, np.zeros((len(grades), 5), dtype=np.int64)])
    found, padded = (score(ranked_lists(array, outside)) for array in (grades, longer))
    assert all(np.allclose(found[name], padded[name], atol=1e-12) for name in found)


def scored(seed: int, rows: int = 4, width: int = 12) -> tuple[Floats, Ints]:
    """Scores without ties, and grades."""
    rng = np.random.default_rng(seed)
    return rng.permuted(np.tile(np.arange(float(width)), (rows, 1)), axis=1), rng.integers(0, 5, (rows, width))


def values_of(scores: Floats, grades: Ints, names: list[list[str]]) -> dict[str, Floats]:
    qids = [f"q{row}" for row in range(len(scores))]
    order = rank_order(scores, tiebreaks(qids, names), qids)
    return score(rank_grades(grades, order, ideal_grades(grades.tolist()), max_grade=4))


def documents(scores: Floats, prefix: str = "d") -> list[list[str]]:
    return [[f"{prefix}{column}" for column in range(scores.shape[1])] for _ in scores]


@fast
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-5, 5))
def test_a_monotone_transformation_of_the_scores_changes_nothing(seed: int, slope: float, shift: float) -> None:
    scores, grades = scored(seed)
    names = documents(scores)
    plain = values_of(scores, grades, names)
    for transformed in (slope * scores + shift, np.exp(scores / 4), np.round(scores / 3) * 1e6 + scores):
        changed = values_of(transformed, grades, names)
        assert all(np.array_equal(plain[name], changed[name]) for name in plain)


@fast
@given(st.integers(0, 10**6))
def test_the_order_of_candidates_changes_nothing_even_with_ties(seed: int) -> None:
    scores, grades = scored(seed)
    tied = np.round(scores / 4)
    names = np.array(documents(scores))
    shuffle = np.random.default_rng(seed).permutation(scores.shape[1])
    plain = values_of(tied, grades, names.tolist())
    moved = values_of(tied[:, shuffle], grades[:, shuffle], names[:, shuffle].tolist())
    assert all(np.array_equal(plain[name], moved[name]) for name in plain)


@fast
@given(st.integers(0, 10**6))
def test_renaming_documents_without_ties_changes_nothing(seed: int) -> None:
    scores, grades = scored(seed)
    plain, renamed = (values_of(scores, grades, documents(scores, prefix)) for prefix in ("d", "zz"))
    assert all(np.array_equal(plain[name], renamed[name]) for name in plain)
