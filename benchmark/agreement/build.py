"""Puts the report together: every judge against humans, clicks and every other judge, on the questions it judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import get_args

import numpy as np

from benchmark.agreement import crowd_measures
from benchmark.agreement.alone import alone, position_curve
from benchmark.agreement.arrays import Bools, ratio
from benchmark.agreement.compare import MEASURES, compare, confusion_of, reliability_of
from benchmark.agreement.crowd import Crowd
from benchmark.agreement.files import source_of
from benchmark.agreement.judged import OUTSIDE
from benchmark.agreement.measures.calibration import BINS
from benchmark.agreement.references import clicks, first_stage, human
from benchmark.agreement.report import (
    Bin,
    Confusion,
    CrowdNumber,
    CrowdReport,
    Labels,
    Place,
    QuestionSet,
    Report,
    Row,
    is_unwilling,
    numbers,
)
from benchmark.agreement.resample import Resamples, Summed, quotient
from benchmark.agreement.source import Source
from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments
from benchmark.statistics.intervals import DRAWS, FEWEST
from benchmark.tasks.task import Grades, Questions, Task

SETS: tuple[QuestionSet, ...] = get_args(QuestionSet)
NOTES = (
    "Train and held-out (dev and test) questions are told apart: systems may learn from judgments of train questions; "
    "held-out questions are judged for this comparison only.",
    "Intervals are 95 %, by bootstrap over queries within their stratum; each number says of how many queries it is. "
    f"Of fewer than {FEWEST} there is none, and of fewer than about 30 it is too narrow. A calibration error cannot be "
    "negative, so its interval lies a little too high when queries are few.",
    "all is the mean of the strata's numbers, each weighing the same, since judges were asked of them in different "
    "proportions; a stratum without a number is left out. Confusions, reliability and the values by place count all "
    "questions together.",
    "The first stage's order is the control against human grades: beside each judge (names that end in -first-stage) "
    "on the documents that this judge labelled, and at the end on all lists that any judge judged. Compare a judge "
    "with the former.",
    "Relevant means above the middle of the scale; a yes-no judge says yes from a probability of one half on.",
    "Documents stand in the order that systems learn from (AUC, pairwise accuracy, tau-b): by log-odds of yes, "
    "expected grade, share of selections, mean rank, or strength over all preferences. Kappa, confusion, leniency and "
    "the share of each grade take the answers that the judge gave, calibration and the Brier score its probabilities "
    "of yes.",
    "The chance of kappa and alpha is that of all documents together: judges that call the same lists good agree by "
    "it, whatever they say within a list. Systems learn from differences within a list; of these tell the measures "
    "named within, order-alpha, and all that order documents.",
)
UNPOOLED = (
    "Human grades are the answers that experts gave, binary and not pooled: another answer in the list may be as good "
    "and still counts as not relevant. A judge that calls such an answer relevant looks lenient and badly calibrated; "
    "orderings (AUC, pairwise accuracy) suffer less."
)
CLICKS = (
    "Clicks as a reference: for AUC and kappa a document is relevant that was clicked at least once, of those shown, "
    "which favours what the first stage put high up: its place alone has an AUC above one half. Pairwise "
    "accuracy and tau-b take the estimate of a position-based model, which is drawn to its prior the more, the less a "
    "document was shown, and that favours what was put low down. So the first stage is no control against clicks; "
    "compare judges with one another there."
)
UNSCALED = (
    "the best grade of its scale is not known, so its grades order documents and nothing else (no kappa, leniency or "
    "share of each grade). A method tells it among its settings, as top."
)
SIMULATED = "Clicks are simulated from human grades: agreement with simulated clicks says nothing about users."


def sources_of(task: Task, grades: Grades, judgments: Mapping[str, Judgments]) -> list[Source]:
    """Every judge, then humans, clicks and the first stage's order, on all questions of the task."""
    questions = task.questions
    judges = [source_of(name, one, questions) for name, one in judgments.items()]
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
    sources = sources_of(task, grades, judgments)
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
        notes=_notes(sources, task.log.simulated),
        measures=report.measures,
        labels=[_labels(source, of_set) for source in sources],
        rows=report.rows,
        confusions=report.confusions,
        bins=report.bins,
        places=report.places,
        crowd=None if crowd is None else crowd_report(*crowd, draws=draws, seed=seed),
    )


def _notes(sources: list[Source], simulated: bool) -> list[str]:
    binary = any(source.kind == "human" and source.top == 1 for source in sources)
    silent = [source.name for source in sources if source.kind == "llm" and not source.queries.any()]
    unscaled = [source.name for source in sources if source.scale == "grade" and source.categories is None]
    return [
        *NOTES,
        *([UNPOOLED] if binary else []),
        CLICKS,
        *([SIMULATED] if simulated else []),
        *(f"{name}: no answer has a value, so no number is of it; see how the asking ended." for name in silent),
        *(f"{name}: {UNSCALED}" for name in unscaled),
        *(
            f"{source.name}: the model gave {source.mass:.0%} of its probability to the answers that it was asked for; "
            "it would rather say something else, and what it is read to say is a ratio of small numbers."
            for source in sources
            if is_unwilling(source.mass)
        ),
    ]


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


def relation(first: Source, second: Source) -> str:
    """What stands behind a comparison, in a phrase."""
    kinds = (first.kind, second.kind)
    if kinds != ("llm", "llm"):
        return f"{first.kind} - {second.kind}"
    if (first.model, first.weights) != (second.model, second.weights):
        return "two judges"
    if first.method != second.method:
        return "two methods of one judge"
    if (first.prompt, first.wording) == (second.prompt, second.wording):
        return "two settings of one judge"
    return "two prompts of one judge" if first.language == second.language else "two languages of one judge"


def pairs_of(sources: list[Source]) -> Iterator[tuple[Source, Source]]:
    """Which labellings are compared; the second is the reference: humans before clicks before judges."""
    judges = [source for source in sources if source.kind == "llm"]
    by_kind = {source.kind: source for source in sources}
    for reference in ("human", "clicks"):
        yield from ((judge, by_kind[reference]) for judge in judges)
    yield by_kind["clicks"], by_kind["human"]
    yield by_kind["order"], by_kind["human"]
    yield by_kind["order"], by_kind["clicks"]
    yield from combinations(judges, 2)


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

    def add(self, name: QuestionSet, mask: Bools, sources: list[Source]) -> None:
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

    def _compare(self, name: QuestionSet, first: Source, second: Source, rows: Bools) -> None:
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

    def _reliability(self, name: QuestionSet, first: Source, second: Source, resamples: Resamples) -> None:
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

    def _alone(self, name: QuestionSet, source: Source, rows: Bools) -> None:
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


def _labels(source: Source, of_set: Mapping[QuestionSet, Bools]) -> Labels:
    return Labels(
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
