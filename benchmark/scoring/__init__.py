"""From rankings and human grades to the scores of one system.

ranked    graded lists in rank order, with the ideal of the whole collection
measures  the declared measures: nDCG@10 (the headline) and those beside it
ties      scores to rankings; ties are broken by a seeded hash
groups    means for the strata, macro, seen and unseen queries

    order = rank_order(scores, tiebreak, qids)
    values = score(rank_grades(grades, order, ideal_grades(judged), max_grade=1))
    means = group_means(values[HEADLINE], stratum, seen)
"""

from __future__ import annotations

from benchmark.scoring.groups import GROUPS, MACRO, group_means
from benchmark.scoring.measures import HEADLINE, MEASURES, Measure, measure_named, score
from benchmark.scoring.ranked import Ranked, ideal_grades, rank_grades
from benchmark.scoring.ties import rank_order, tie_rate, tiebreaks

__all__ = [
    "GROUPS",
    "HEADLINE",
    "MACRO",
    "MEASURES",
    "Measure",
    "Ranked",
    "group_means",
    "ideal_grades",
    "measure_named",
    "rank_grades",
    "rank_order",
    "score",
    "tie_rate",
    "tiebreaks",
]
