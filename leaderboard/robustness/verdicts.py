"""From a sweep to verdicts: under each simulated user, does a system beat learning from clicks as they are?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from benchmark import scoring, statistics
from benchmark.statistics.holm import holm
from benchmark.statistics.intervals import Bootstrap, percentile
from benchmark.statistics.seeds import FEWEST_SEEDS
from leaderboard import words
from leaderboard.robustness.pack import Sweep
from leaderboard.robustness.settings import Setting

REFERENCE = "clicks-naive-listwise"
"""No debiasing, and the loss that most of the others correct: what differs from it is the correction."""


@dataclass(frozen=True)
class Verdict:
    """A system in a setting: its macro score, and its difference to the reference with a 95 % interval.

    `p` is adjusted for the comparisons of all systems with the reference in that setting (sign flips of queries and
    seeds, max-T), `p_overall` for all settings of the system, too (Holm, 1979); None where it is not tested: the
    reference itself, and a setting whose systems share fewer than `FEWEST_SEEDS` seeds.
    """

    mean: float
    difference: float
    low: float
    high: float
    p: float | None
    p_overall: float | None = None

    @property
    def kind(self) -> str:
        """`better`, `worse`, `even` where it cannot be told apart from the reference, or `not tested`."""
        return self.kind_of(self.p)

    def kind_of(self, p: float | None) -> str:
        """The same, for a p that is adjusted for more."""
        if p is None:
            return "not tested"
        if p >= words.ALPHA:
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
        """In how many settings its verdict is `kind`, as the marks of the table have it."""
        return sum(verdict is not None and verdict.kind == kind for verdict in self.verdicts)

    def overall(self) -> Counter[str]:
        """How many verdicts of each kind there are by `p_overall`, over the settings that were tested.

        So the chance that a system which never differs has any `better` or `worse` stays below 5 %, and what is said of
        it over all settings is not found by looking often.
        """
        return Counter(
            verdict.kind_of(verdict.p_overall)
            for verdict in self.verdicts
            if verdict is not None and verdict.p_overall is not None
        )

    @property
    def mean(self) -> float | None:
        """Mean score over the settings; None where it lacks one, since what is missing is never averaged."""
        means = [verdict.mean for verdict in self.verdicts if verdict is not None]
        return float(np.mean(means)) if len(means) == len(self.verdicts) else None


@dataclass(frozen=True)
class Judged:
    """The rows, best mean first, and the seeds that were compared in each setting (none where nothing was run)."""

    rows: tuple[SystemRow, ...]
    seeds: tuple[tuple[int, ...], ...]

    @property
    def fewest(self) -> int:
        """The smallest number of seeds that a setting was compared with; 0 where none was."""
        return min((len(own) for own in self.seeds if own), default=0)

    @property
    def most(self) -> int:
        """The largest number of seeds that a setting was compared with; 0 where none was."""
        return max((len(own) for own in self.seeds), default=0)

    @property
    def common(self) -> tuple[int, ...]:
        """The seeds of every setting that was run; empty where they differ."""
        found = {own for own in self.seeds if own}
        return found.pop() if len(found) == 1 else ()


def judge(sweep: Sweep, settings: Sequence[Setting], fixed: str) -> Judged:
    """A row for each system, best mean first, and after them those that lack a setting.

    Systems that use no clicks were run once, on the task `fixed`. The differences of a setting are resampled over
    queries within strata and over seeds, paired by both.
    """
    declared = {cell.system: cell for cell in sweep.cells}
    bootstrap = cache(lambda seeds: Bootstrap(sweep.stratum, seeds=seeds))
    found = [_setting(sweep, setting, fixed, list(declared), bootstrap) for setting in settings]
    columns = [verdicts for verdicts, _ in found]
    rows = [
        SystemRow(name, cell.family, cell.description, over_settings([column.get(name) for column in columns]))
        for name, cell in declared.items()
        if any(name in column for column in columns)
    ]
    ordered = sorted(rows, key=lambda row: (row.mean is None, -(row.mean or 0.0)))
    return Judged(tuple(ordered), tuple(seeds for _, seeds in found))


def _setting(
    sweep: Sweep, setting: Setting, fixed: str, systems: list[str], bootstrap: Callable[[int], Bootstrap]
) -> tuple[dict[str, Verdict], tuple[int, ...]]:
    """The verdict on each system that was run on all seeds that are compared, and these seeds."""
    rows = {name: sweep.rows(setting.task, name) or sweep.rows(fixed, name) for name in systems}
    seeds = tuple(sorted(_seeds({name: frozenset(own) for name, own in rows.items()})))
    if not seeds:
        return {}, ()
    whole = {name: own for name, own in rows.items() if own.keys() >= set(seeds)}
    found = {name: sweep.scores[[own[seed] for seed in seeds]] for name, own in whole.items()}
    p = _tested(found, sweep.stratum) if len(seeds) >= FEWEST_SEEDS else {}
    values = np.stack(list(found.values()))
    differences = values - found[REFERENCE]
    intervals = map(percentile, bootstrap(len(seeds)).means(differences)[scoring.MACRO])
    told = zip(_macro(values, sweep.stratum), _macro(differences, sweep.stratum), intervals, strict=True)
    return {
        name: Verdict(mean, difference, low, high, p.get(name))
        for name, (mean, difference, (low, high)) in zip(found, told, strict=True)
    }, seeds


def _tested(found: Mapping[str, npt.NDArray[np.float64]], stratum: npt.NDArray[np.str_]) -> dict[str, float]:
    """The macro p of each system [S, Q] against the reference, adjusted for all of these; the reference has none."""
    others = [name for name in found if name != REFERENCE]
    if not others:
        return {}
    values = np.stack([found[name] for name in (REFERENCE, *others)])
    tests = statistics.compare_all(values, stratum, against=0, columns=(scoring.MACRO,))
    return dict(zip(others, tests.p[:, 0].tolist(), strict=True))


def over_settings(verdicts: Sequence[Verdict | None]) -> tuple[Verdict | None, ...]:
    """The verdicts on a system with their p over all settings that were tested."""
    adjusted = iter(holm([verdict.p for verdict in verdicts if verdict is not None and verdict.p is not None]))
    return tuple(
        verdict if verdict is None or verdict.p is None else replace(verdict, p_overall=next(adjusted))
        for verdict in verdicts
    )


def _seeds(found: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """What most systems have in common with the reference; of two sets that as many have, the larger."""
    reference = found.get(REFERENCE, frozenset())
    shared = Counter(reference & own for name, own in found.items() if name != REFERENCE and reference & own)
    return max(shared, key=lambda seeds: (shared[seeds], len(seeds)), default=reference)


def _macro(values: npt.NDArray[np.float64], stratum: npt.NDArray[np.str_]) -> list[float]:
    """Of each of the values [V, S, Q]."""
    means = [values[..., stratum == name].mean(axis=(1, 2)) for name in np.unique(stratum)]
    macro: list[float] = np.mean(means, axis=0).tolist()
    return macro
