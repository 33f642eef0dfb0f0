"""Puts the report together: every judge against humans, clicks and every other judge, on the questions it judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np

from benchmark.agreement import crowd_measures
from benchmark.agreement.arrays import Bools, ratio
from benchmark.agreement.compare import MEASURES, compare, confusion_of, reliability_of
from benchmark.agreement.crowd import Crowd
from benchmark.agreement.judged import OUTSIDE, labelling_of
from benchmark.agreement.labelling import Labelling
from benchmark.agreement.measures.calibration import BINS
from benchmark.agreement.notes import notes_on
from benchmark.agreement.one_judge import alone, position_curve
from benchmark.agreement.pairs import pairs_of, relation
from benchmark.agreement.references import clicks, first_stage, human
from benchmark.agreement.report import (
    Bin,
    Confusion,
    CrowdNumber,
    CrowdReport,
    LabellingInfo,
    Place,
    QuestionSet,
    Report,
    Row,
    numbers,
)
from benchmark.agreement.resample import Resamples, Summed, quotient
from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments
from benchmark.statistics.intervals import DRAWS
from benchmark.tasks.task import Grades, Questions, Task

SETS: tuple[QuestionSet, ...] = get_args(QuestionSet)


def labellings_of(task: Task, grades: Grades, judgments: Mapping[str, Judgments]) -> list[Labelling]:
    """Every judge, then humans, clicks and the first stage's order, on all questions of the task."""
    questions = task.questions
    judges = [labelling_of(name, one, questions) for name, one in judgments.items()]
    return [*judges, human(questions, grades), clicks(questions, task.log), first_stage(questions)]


def build(
    task: Task,
    grades: Grades,
    judgments: Mapping[str, Judgments],
    *,
    crowd: tuple[str, Crowd] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Report:
    """The whole report. Raises `ConfigurationError` when judgments are of no document of the task.

    Judgments of which none has a value are kept: how the asking ended is said of them, and no number.
    """
    sources = labellings_of(task, grades, judgments)
    for source in sources:
        if source.kind == "llm" and set(source.statuses or {}) <= {OUTSIDE}:
            raise ConfigurationError(f"{source.name}: no label of a document that {task.name} lists; name its own task")
    of_set = {name: split_mask(task.questions, name) for name in SETS}
    report = _Parts(task.questions, draws, seed)
    for name, mask in of_set.items():
        report.add(name, mask, sources)
    return Report(
        task=task.name,
        task_version=task.version,
        task_manifest_sha256=task.manifest_sha256,
        simulated_clicks=task.log.simulated,
        draws=draws,
        seed=seed,
        notes=notes_on(sources, task.log.simulated),
        measures=report.measures,
        labels=[_labels(source, of_set) for source in sources],
        rows=report.rows,
        confusions=report.confusions,
        bins=report.bins,
        places=report.places,
        crowd=None if crowd is None else crowd_report(*crowd, draws=draws, seed=seed),
    )


def crowd_report(file: str, crowd: Crowd, *, draws: int = DRAWS, seed: int = 0) -> CrowdReport:
    """The numbers of the crowd; its queries have no strata."""
    resamples = Resamples(np.full(len(crowd.qids), "all"), draws=draws, seed=seed)
    return CrowdReport(
        file=file,
        sha256=crowd.sha256,
        queries=len(crowd.qids),
        passages=crowd.selected.shape[2],
        writers=list(crowd.writers),
        rows=[
            CrowdNumber(first=row.first, second=row.second, measure=row.measure, **numbers(row.estimate))
            for row in crowd_measures.measure_crowd(crowd, resamples)
        ],
    )


def split_mask(questions: Questions, name: QuestionSet) -> Bools:
    """Which questions [Q] belong to a set."""
    train = questions.split == "train"
    return np.asarray(train if name == "train" else ~train)


class _Parts:
    """The lists of the report, filled set by set."""

    def __init__(self, questions: Questions, draws: int, seed: int) -> None:
        self._stratum, self._draws, self._seed = questions.stratum, draws, seed
        self._drawn: dict[bytes, Resamples] = {}
        self.measures = {one.name: one.description for one in MEASURES}
        self.rows: list[Row] = []
        self.confusions: list[Confusion] = []
        self.bins: list[Bin] = []
        self.places: list[Place] = []

    def add(self, name: QuestionSet, mask: Bools, sources: list[Labelling]) -> None:
        """The questions of `mask` [Q]: of those only the ones that some judge judged."""
        judged = np.any([source.queries for source in sources if source.kind == "llm"] or [mask], axis=0) & mask
        for first, second in pairs_of(sources):
            self._compare(name, first, second, judged & first.queries & second.queries)
        for source in sources:
            if source.kind == "llm":
                self._alone(name, source, judged & source.queries)

    def _resamples(self, rows: Bools) -> Resamples:
        """Draws of these questions; comparisons of the same questions share them."""
        key = rows.tobytes()
        if key not in self._drawn:
            self._drawn[key] = Resamples(self._stratum[rows], draws=self._draws, seed=self._seed)
        return self._drawn[key]

    def _compare(self, name: QuestionSet, first: Labelling, second: Labelling, rows: Bools) -> None:
        if not rows.any():
            return
        one, other, resamples = first.where(rows), second.where(rows), self._resamples(rows)
        names = {"first": first.name, "second": second.name, "questions": name}
        for stratum, measure, estimate in compare(one, other, resamples):
            self.rows.append(
                Row(**names, relation=relation(one, other), stratum=stratum, measure=measure, **numbers(estimate))
            )
        counts = confusion_of(one, other)
        if counts is not None:
            for stratum, members in resamples.groups().items():
                kept = counts[members]
                self.confusions.append(
                    Confusion(
                        **names,
                        stratum=stratum,
                        queries=int(kept.any(axis=(1, 2)).sum()),
                        counts=kept.sum(axis=0).astype(int).tolist(),
                    )
                )
        self._reliability(name, one, other, resamples)

    def _reliability(self, name: QuestionSet, first: Labelling, second: Labelling, resamples: Resamples) -> None:
        sums = reliability_of(first, second)
        if sums is None:
            return
        for place in range(BINS):
            here = sums[:, place]
            documents, probability, _ = here.sum(axis=0)
            if documents:
                estimate = resamples.estimate(Summed(here[:, [2, 0]], quotient, here[:, 0] > 0))
                self.bins.append(
                    Bin(
                        name=first.name,
                        questions=name,
                        start=place / BINS,
                        end=(place + 1) / BINS,
                        documents=int(documents),
                        probability=float(ratio(probability, documents)),
                        **numbers(estimate),
                    )
                )

    def _alone(self, name: QuestionSet, source: Labelling, rows: Bools) -> None:
        if not rows.any():
            return
        one, resamples = source.where(rows), self._resamples(rows)
        for stratum, said, estimate in alone(one, resamples):
            self.measures[said.name] = said.description
            self.rows.append(
                Row(
                    first=source.name,
                    second="",
                    relation="alone",
                    questions=name,
                    stratum=stratum,
                    measure=said.name,
                    **numbers(estimate),
                )
            )
        for position, estimate in enumerate(position_curve(one, resamples), start=1):
            self.places.append(Place(name=source.name, questions=name, position=position, **numbers(estimate)))


def _labels(source: Labelling, of_set: Mapping[QuestionSet, Bools]) -> LabellingInfo:
    return LabellingInfo(
        name=source.name,
        kind=source.kind,
        scale=source.scale,
        method=source.method,
        model=source.model,
        prompt=source.prompt,
        language=source.language,
        questions={name: int((source.queries & mask).sum()) for name, mask in of_set.items()},
        documents={name: int((~np.isnan(source.values[mask])).sum()) for name, mask in of_set.items()},
        statuses=source.statuses,
        mass=source.mass,
    )
