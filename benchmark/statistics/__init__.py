"""From the scores of many systems to what may be said of them. No system's scores depend on it.

intervals     95 % bootstrap intervals over queries x seeds
seeds         the noise of training, for the three below
significance  all pairs of systems, sign flips of queries and seeds with max-T
interaction   supervision x stratum, as a difference in differences
holm          p-values of several tests, adjusted for each other
power         the minimum detectable effect
tiers         systems not shown to be worse than the first of a tier are in it

    tests = compare_all(values, stratum)  # [systems, seeds, queries]
    tiers = assign_tiers(names, macro, tests.p_matrix())
"""

from __future__ import annotations

from benchmark.statistics.interaction import Interaction, difference_in_differences
from benchmark.statistics.intervals import Bootstrap, Interval, bootstrap_intervals
from benchmark.statistics.power import all_pairs_mde, minimum_detectable_effect, pair_mde
from benchmark.statistics.significance import Comparisons, compare_all
from benchmark.statistics.tiers import assign_tiers

__all__ = [
    "Bootstrap",
    "Comparisons",
    "Interaction",
    "Interval",
    "all_pairs_mde",
    "assign_tiers",
    "bootstrap_intervals",
    "compare_all",
    "difference_in_differences",
    "minimum_detectable_effect",
    "pair_mde",
]
