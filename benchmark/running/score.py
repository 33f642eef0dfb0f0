"""Scores rankings against human grades; only this side of the benchmark sees those of test questions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmark.scoring.groups import MACRO, group_means
from benchmark.scoring.measures import HEADLINE, measure_named, score
from benchmark.scoring.ranked import Ranked, ideal_grades, rank_grades
from benchmark.scoring.ties import rank_order, tiebreaks
from benchmark.tasks.strata import STRATA
from benchmark.tasks.task import Grades, Questions

Floats = npt.NDArray[np.float64]


def ranked_lists(questions: Questions, grades: Grades) -> Callable[[Floats], Ranked]:
    """A function that puts the grades in the order of scores [n, L]; what no score changes is computed once."""
    tiebreak = tiebreaks(questions.qids.tolist(), questions.docnos.tolist())
    listed, ideal = grades.of(questions), ideal_grades(grades.judged(questions))

    def ranked(scores: Floats) -> Ranked:
        order = rank_order(np.asarray(scores, dtype=np.float64), tiebreak, questions.qids.tolist())
        return rank_grades(listed, order, ideal, grades.highest)

    return ranked


def score_rankings(questions: Questions, grades: Grades) -> Callable[[Floats], dict[str, Floats]]:
    """A function from scores [n, L] to the value [n] of each declared measure."""
    ranked = ranked_lists(questions, grades)
    return lambda scores: score(ranked(scores))


Scores = npt.NDArray[np.floating]


def macro_ndcg(questions: Questions, grades: Grades) -> Callable[[Scores], float]:
    """A function from scores, [n, L] or [n * L], to the headline: nDCG@10, the mean of the three stratum means."""
    return ndcg_means(questions, grades)[0]


def ndcg_means(
    questions: Questions, grades: Grades
) -> tuple[Callable[[Scores], float], Callable[[Scores], dict[str, float]]]:
    """`macro_ndcg`, and a function from scores to the mean nDCG@10 of each stratum that has a question."""
    ranked, headline = ranked_lists(questions, grades), measure_named(HEADLINE)

    def per_query(scores: Scores) -> Floats:
        return headline(ranked(np.asarray(scores, dtype=np.float64).reshape(questions.docnos.shape)))

    def macro(scores: Scores) -> float:
        values = per_query(scores)
        means = group_means(values, questions.stratum, questions.seen)
        return float(means[MACRO] if MACRO in means else values.mean())

    def by_stratum(scores: Scores) -> dict[str, float]:
        means = group_means(per_query(scores), questions.stratum, questions.seen)
        return {stratum: float(means[stratum]) for stratum in STRATA if stratum in means}

    return macro, by_stratum
