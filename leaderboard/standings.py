"""From collected records to standings: means with intervals, all pairs compared, tiers, detectable effects."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from benchmark import scoring, statistics
from benchmark.errors import ConfigurationError
from benchmark.statistics.holm import holm
from benchmark.tasks.strata import STRATA
from leaderboard.alike import alike
from leaderboard.cards import TaskCard
from leaderboard.model import (
    DECIMALS,
    VERSION,
    Comparison,
    Effect,
    Environment,
    Interaction,
    Row,
    RunFile,
    Score,
    Standings,
    Task,
)
from leaderboard.read import MEASURE_NAMES, SEEDS, Cell, Entry, TaskResults

RESULTS = "results"
_HEADLINE = scoring.HEADLINE


def make_standings(results: Sequence[TaskResults], cards: Mapping[str, TaskCard], version: str = VERSION) -> Standings:
    """The leaderboard of all tasks. Raises `ConfigurationError` for a task without a card.

    Without a card it could not be said whether the task's clicks are simulated.
    """
    tasks: dict[str, Task] = {}
    rows: list[Row] = []
    environments: dict[str, Environment] = {}
    for task in sorted(results, key=lambda task: task.name):
        if task.name not in cards:
            raise ConfigurationError(
                f"task {task.name!r} has records but no TaskCard; give it one, or move its records"
            )
        scored = _Scored(task)
        tasks[task.name] = _task(scored, cards[task.name])
        rows += _rows(scored)
        environments |= {f"{task.name}/{entry.record.system}": _environment(entry) for entry in task.entries}
    said = {"tasks": {n: t.model_dump() for n, t in tasks.items()}, "rows": [row.model_dump() for row in rows]}
    content = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return Standings(version=version, content=content, tasks=tasks, rows=rows, environments=environments)


class _Scored:
    """What is computed once for a task: intervals of every system, and the comparisons of those that are compared.

    Compared are the complete systems that are no probe, best first, by the headline on macro (on the first group there
    is, where a stratum has no queries and so macro is absent).
    """

    def __init__(self, task: TaskResults) -> None:
        self.task = task
        bootstrap = cache(lambda seeds: statistics.Bootstrap(task.stratum, task.seen, seeds=seeds))
        self.scores = {entry.record.system: self._scores(entry, bootstrap(len(entry.cells))) for entry in task.entries}
        self.headline = next(iter(self.scores[task.entries[0].record.system][_HEADLINE]))
        by_mean = sorted(task.entries, key=lambda entry: (-self.mean(entry), entry.record.system))
        # compared ones, then incomplete ones, then probes: no row without a tier stands above one that has it
        self.ordered = sorted(by_mean, key=lambda entry: (entry.record.family == "probe", not entry.complete))
        self.compared = [entry for entry in self.ordered if entry.complete and entry.record.family != "probe"]
        self.values = np.array([entry.values(_HEADLINE) for entry in self.compared])
        self.tests = statistics.compare_all(self.values, task.stratum) if self._testable() else None

    def _testable(self) -> bool:
        _, sizes = np.unique(self.task.stratum, return_counts=True)
        return len(self.compared) > 1 and sizes.max() > 1

    def _scores(self, entry: Entry, bootstrap: statistics.Bootstrap) -> dict[str, dict[str, Score]]:
        """By measure and group."""
        values = np.stack([entry.values(measure) for measure in MEASURE_NAMES])
        means = scoring.group_means(values.mean(axis=1), self.task.stratum, self.task.seen)
        bounds = bootstrap.bounds(values)
        return {
            measure: {
                group: Score(**_rounded(float(mean[place]), *bounds[group][place].tolist()))
                for group, mean in means.items()
            }
            for place, measure in enumerate(MEASURE_NAMES)
        }

    def mean(self, entry: Entry) -> float:
        """The headline mean that ranks a system."""
        return self.scores[entry.record.system][_HEADLINE][self.headline].mean

    def tiers(self) -> dict[str, int]:
        """The tier of each compared system but the skyline, which is a mark and no competitor.

        None where only one system, or no group that ranks, can be tested.
        """
        if self.tests is None or self.headline not in self.tests.columns:
            return {}
        ranked = [i for i, entry in enumerate(self.compared) if entry.record.family != "skyline"]
        names = [self.compared[i].record.system for i in ranked]
        macro = np.array([self.mean(self.compared[i]) for i in ranked])
        if not ranked:
            return {}
        tiers = statistics.assign_tiers(names, macro, self.tests.p_matrix(self.headline)[np.ix_(ranked, ranked)])
        return {name: number for number, tier in enumerate(tiers, 1) for name in tier}


class _Rounded(TypedDict):
    mean: float
    low: float | None
    high: float | None


def _rounded(mean: float, low: float, high: float) -> _Rounded:
    # + 0.0 turns -0.0 into 0.0, so that a sign bit does not change a byte of the file
    one, two = (None if math.isnan(bound) else round(bound, DECIMALS) + 0.0 for bound in (low, high))
    return {"mean": round(mean, DECIMALS) + 0.0, "low": one, "high": two}


def _task(scored: _Scored, card: TaskCard) -> Task:
    task = scored.task
    record = task.entries[0].record
    groups = scoring.group_means(np.zeros(len(task.stratum)), task.stratum, task.seen)
    counts = {"seen": int(task.seen.sum()), "unseen": int((~task.seen).sum()), "macro": len(task.stratum)}
    mde = statistics.all_pairs_mde(scored.values, task.stratum) if scored.tests else {}
    told_apart: dict[str, float] = {}
    if scored.tests and math.isfinite(scored.tests.critical):
        told_apart = statistics.all_pairs_mde(scored.values, task.stratum, critical=scored.tests.critical)
    return Task(
        title=card.title,
        simulated_log=card.simulated_log,
        licence=card.licence,
        notes=card.notes,
        track=record.track,
        task_version=record.task_version,
        manifest=record.manifest,
        share=record.share,
        queries={group: counts.get(group, int((task.stratum == group).sum())) for group in groups},
        seeds=list(SEEDS),
        headline=scored.headline,
        mde={group: round(value, DECIMALS) for group, value in mde.items()},
        told_apart={group: round(value, DECIMALS) for group, value in told_apart.items()},
        alike=alike(scored.compared),
        comparisons=_comparisons(scored),
        interaction=_interaction(scored),
    )


def _comparisons(scored: _Scored) -> list[Comparison]:
    tests = scored.tests
    if tests is None:
        return []
    names = [entry.record.system for entry in scored.compared]

    def by_column(values: npt.NDArray[np.float64]) -> dict[str, float]:
        return {column: round(float(v), DECIMALS) + 0.0 for column, v in zip(tests.columns, values, strict=True)}

    return [
        Comparison(first=names[i], second=names[j], difference=by_column(difference), p=by_column(p))
        for (i, j), difference, p in zip(tests.pairs.tolist(), tests.difference, tests.p, strict=True)
    ]


def _interaction(scored: _Scored) -> Interaction | None:
    """The rule: the first clicks system and the first LLM system of the table, high against low and against medium."""
    clicks, llm = (next((e for e in scored.compared if e.record.family == name), None) for name in ("clicks", "llm"))
    stratum, tests = scored.task.stratum, scored.tests
    tested = [name for name in STRATA if (stratum == name).sum() > 1]
    if clicks is None or llm is None or tests is None or not {"high", "low"} <= set(tested):
        return None
    found = {
        name: statistics.difference_in_differences(
            clicks.values(_HEADLINE), llm.values(_HEADLINE), stratum, between=("high", name)
        )
        for name in tested[1:]
    }
    p = dict(zip(found, holm([one.p for one in found.values()]), strict=True))
    low, medium = found["low"], found.get("medium")
    first, second = scored.compared.index(clicks), scored.compared.index(llm)
    return Interaction(
        clicks=clicks.record.system,
        llm=llm.record.system,
        high=Effect(**_rounded(*low.first)),
        medium=Effect(**_rounded(*medium.second)) if medium else None,
        low=Effect(**_rounded(*low.second)),
        p_gap={name: round(float(tests.p_matrix(name)[first, second]), DECIMALS) for name in tested},
        estimate=Effect(**_rounded(*low.estimate)),
        estimate_medium=Effect(**_rounded(*medium.estimate)) if medium else None,
        p=round(p["low"], DECIMALS),
        p_medium=round(p["medium"], DECIMALS) if medium else None,
    )


def _rows(scored: _Scored) -> list[Row]:
    tiers = scored.tiers()
    return [_row(entry, scored.scores[entry.record.system], tiers.get(entry.record.system)) for entry in scored.ordered]


def _row(entry: Entry, scores: dict[str, dict[str, Score]], tier: int | None) -> Row:
    record = entry.record
    return Row(
        task=record.task,
        track=record.track,
        system=record.system,
        family=record.family,
        description=record.description,
        cite=record.cite,
        source=record.source,
        labels=entry.labels,
        dev_choices=list(dict.fromkeys(choice for cell in entry.cells for choice in cell.record.dev_choices)),
        seeds=list(entry.seeds),
        complete=entry.complete,
        tier=tier,
        tie_rate=round(float(np.mean([cell.record.tie_rate for cell in entry.cells])), DECIMALS),
        command=record.command.replace(f" --seed {record.seed}", ""),
        runs=[_run_file(cell) for cell in entry.cells],
        scores=scores,
    )


def _run_file(cell: Cell) -> RunFile:
    record = cell.record
    folder, name = f"{RESULTS}/{record.task}/{record.system}", f"{record.seed}.run.gz"
    return RunFile(
        seed=record.seed, record=f"{folder}/{record.seed}.json", run=f"{folder}/{name}", sha256=record.files.get(name)
    )


def _environment(entry: Entry) -> Environment:
    every = [cell.record.environment for cell in entry.cells]
    return Environment(
        first=min(environment.created for environment in every),
        last=max(environment.created for environment in every),
        seconds=round(sum(environment.seconds for environment in every), 1),
        platforms=sorted({environment.platform for environment in every}),
        processors=sorted({environment.processor for environment in every}),
        pythons=sorted({environment.python for environment in every}),
    )
