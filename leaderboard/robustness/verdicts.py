"""From a sweep to verdicts: under each simulated user, does a system beat learning from clicks as they are?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark import scoring, statistics
from benchmark.statistics.intervals import Bootstrap, percentile
from leaderboard import words
from leaderboard.robustness.pack import Sweep
from leaderboard.robustness.settings import Setting

REFERENCE = "clicks-naive-listwise"
"""No debiasing, and the loss that most of the others correct: what differs from it is the correction."""


@dataclass(frozen=True)
class Verdict:
    """A system in a setting: its macro score, and its difference to the reference with a 95 % interval.

    `p` is adjusted for all pairs of systems in that setting (sign flips of queries and seeds, max-T); None for the
    reference itself.
    """

    mean: float
    difference: float
    low: float
    high: float
    p: float | None

    @property
    def kind(self) -> str:
        """`better`, `worse` or `even`, the last where it cannot be told apart from the reference."""
        if self.p is None or self.p >= words.ALPHA:
            return "even"
        return "better" if self.difference > 0 else "worse"


@dataclass(frozen=True)
class SystemRow:
    """A system in every setting; None where it was not run on all seeds that are compared there."""

    system: str
    family: str
    description: str
    verdicts: tuple[Verdict | None, ...]

    def count(self, kind: str) -> int:
        """In how many settings its verdict is `kind`."""
        return sum(verdict is not None and verdict.kind == kind for verdict in self.verdicts)

    @property
    def settings(self) -> int:
        """In how many settings it has a verdict."""
        return sum(verdict is not None for verdict in self.verdicts)

    @property
    def mean(self) -> float | None:
        """Mean score over the settings; None where it lacks one, since what is missing is never averaged."""
        means = [verdict.mean for verdict in self.verdicts if verdict is not None]
        return float(np.mean(means)) if len(means) == len(self.verdicts) else None


def judge(sweep: Sweep, settings: Sequence[Setting], fixed: str) -> list[SystemRow]:
    """A row for each system, best mean first, and after them those that lack a setting.

    Systems that use no clicks were run once, on the task `fixed`. The differences of a setting are resampled over
    queries within strata and over seeds, paired by both.
    """
    declared = {cell.system: cell for cell in sweep.cells}
    columns = [_setting(sweep, setting, fixed, list(declared)) for setting in settings]
    rows = [
        SystemRow(name, cell.family, cell.description, tuple(column.get(name) for column in columns))
        for name, cell in declared.items()
        if any(name in column for column in columns)
    ]
    return sorted(rows, key=lambda row: (row.mean is None, -(row.mean or 0.0)))


def _setting(sweep: Sweep, setting: Setting, fixed: str, systems: list[str]) -> dict[str, Verdict]:
    rows = {name: sweep.rows(setting.task, name) or sweep.rows(fixed, name) for name in systems}
    seeds = _seeds({name: frozenset(own) for name, own in rows.items()})
    if not seeds:
        return {}
    whole = {name: own for name, own in rows.items() if seeds <= own.keys()}
    found = {name: sweep.scores[[own[seed] for seed in sorted(seeds)]] for name, own in whole.items()}
    reference = found[REFERENCE]
    names = list(found)
    p = np.ones(1)  # of the reference alone
    if len(names) > 1:
        tests = statistics.compare_all(np.stack(list(found.values())), sweep.stratum)
        p = tests.p_matrix()[names.index(REFERENCE)]
    bootstrap = Bootstrap(sweep.stratum, seeds=len(seeds))
    return {
        name: _verdict(values, reference, sweep.stratum, bootstrap, None if name == REFERENCE else float(chance))
        for (name, values), chance in zip(found.items(), p, strict=True)
    }


def _seeds(found: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """What most systems have in common with the reference; of two sets that as many have, the larger."""
    reference = found.get(REFERENCE, frozenset())
    shared = Counter(reference & own for name, own in found.items() if name != REFERENCE and reference & own)
    return max(shared, key=lambda seeds: (shared[seeds], len(seeds)), default=reference)


def _verdict(
    values: npt.NDArray[np.float64],
    reference: npt.NDArray[np.float64],
    stratum: npt.NDArray[np.str_],
    bootstrap: Bootstrap,
    p: float | None,
) -> Verdict:
    mean = np.mean([values[:, stratum == name].mean() for name in np.unique(stratum)])
    drawn = bootstrap.means(values - reference)[scoring.MACRO]
    difference = np.mean([(values - reference)[:, stratum == name].mean() for name in np.unique(stratum)])
    return Verdict(float(mean), float(difference), *percentile(drawn), p)
