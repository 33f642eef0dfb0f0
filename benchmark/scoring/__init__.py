"""From scores and human grades to numbers that can be compared.

ranked        graded lists in rank order, with the ideal of the whole collection
measures      the declared measures: nDCG@10 (the headline) and those beside it
ties          scores to rankings; ties are broken by a seeded hash
groups        means for the strata, macro, seen and unseen queries
intervals     95 % bootstrap intervals over queries x seeds
seeds         the noise of training, for the three below
significance  all pairs of systems, sign flips of queries and seeds with max-T
interaction   supervision x stratum, as a difference in differences
tiers         systems not shown to be worse than the first of a tier are in it
power         the minimum detectable effect

    order = rank_order(scores, tiebreak, qids)
    values = score(rank_grades(grades, order, ideal_grades(judged), max_grade=1))
    means = group_means(values[HEADLINE], stratum, seen)
"""

from __future__ import annotations

from benchmark.scoring.groups import GROUPS, MACRO, group_means
from benchmark.scoring.interaction import Interaction, difference_in_differences
from benchmark.scoring.intervals import Bootstrap, Interval, bootstrap_intervals
from benchmark.scoring.measures import HEADLINE, MEASURES, Measure, measure_named, score
from benchmark.scoring.power import all_pairs_mde, minimum_detectable_effect, pair_mde
from benchmark.scoring.ranked import Ranked, ideal_grades, rank_grades
from benchmark.scoring.significance import Comparisons, compare_all
from benchmark.scoring.tiers import assign_tiers
from benchmark.scoring.ties import rank_order, tie_rate, tiebreaks

__all__ = [
    "GROUPS",
    "HEADLINE",
    "MACRO",
    "MEASURES",
    "Bootstrap",
    "Comparisons",
    "Interaction",
    "Interval",
    "Measure",
    "Ranked",
    "all_pairs_mde",
    "assign_tiers",
    "bootstrap_intervals",
    "compare_all",
    "difference_in_differences",
    "group_means",
    "ideal_grades",
    "measure_named",
    "minimum_detectable_effect",
    "pair_mde",
    "rank_grades",
    "rank_order",
    "score",
    "tie_rate",
    "tiebreaks",
]
