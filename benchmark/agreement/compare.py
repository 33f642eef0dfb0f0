"""Every measure of agreement between two labellings that their kinds allow, with intervals, by stratum."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmark.agreement.arrays import Floats
from benchmark.agreement.controls import PairMeasure, control, controlled, in_first_order
from benchmark.agreement.labelling import Labelling
from benchmark.agreement.measures.alpha import coincidences, interval_alpha, interval_sums, krippendorff_alpha
from benchmark.agreement.measures.auc import pooled_auc, within_query_auc
from benchmark.agreement.measures.calibration import brier_sums, expected_calibration_error, reliability_sums
from benchmark.agreement.measures.confusion import confusion, observed_agreement
from benchmark.agreement.measures.kappa import Weights, cohen_kappa
from benchmark.agreement.measures.leniency import leniency_sums
from benchmark.agreement.measures.pairs import pair_sums
from benchmark.agreement.measures.tau import kendall_tau_b, tau_b_between
from benchmark.agreement.measures.within import beyond_chance, interval_disagreement, kappa_disagreement
from benchmark.agreement.resample import Computed, Estimate, Resamples, Statistic, Summed, mean_of, quotient


@dataclass(frozen=True)
class Measure:
    """Name and description for the tables, and the `Statistic` of two labellings, None where it does not apply."""

    name: str
    description: str
    statistic: PairMeasure


def categories(first: Labelling, second: Labelling) -> tuple[Floats, Floats, int] | None:
    """The categories of both on one scale 0 ... top: their own where they have the same, else relevant or not."""
    if first.categories is None or second.categories is None:
        return None
    if first.top == second.top:
        return first.categories, second.categories, first.top
    one, other = first.relevant(), second.relevant()
    assert one is not None and other is not None
    return one, other, 1


def confusion_of(first: Labelling, second: Labelling) -> Floats | None:
    """Confusion counts [Q, k, k]; None where one has no categories."""
    found = categories(first, second)
    return None if found is None else confusion(found[0], found[1], found[2] + 1)


def _summed(sums: Floats, value: Callable[[Floats], Floats]) -> Summed:
    return Summed(sums, value, np.asarray(sums.reshape(len(sums), -1).any(axis=1)))


def _agreement(first: Labelling, second: Labelling) -> Statistic | None:
    counts = confusion_of(first, second)
    return None if counts is None else _summed(counts, observed_agreement)


def _kappa(first: Labelling, second: Labelling) -> Statistic | None:
    counts = confusion_of(first, second)
    return None if counts is None else _summed(counts, cohen_kappa)


def _kappa_within(first: Labelling, second: Labelling) -> Statistic | None:
    counts = confusion_of(first, second)
    return None if counts is None else _summed(kappa_disagreement(counts), beyond_chance)


def _weighted(first: Labelling, second: Labelling, *, weights: Weights) -> Statistic | None:
    counts = confusion_of(first, second)
    if counts is None or counts.shape[-1] < 3:
        return None
    return _summed(counts, partial(cohen_kappa, weights=weights))


def _alpha(first: Labelling, second: Labelling) -> Statistic | None:
    found = categories(first, second)
    if found is None:
        return None
    sums = coincidences(np.stack(found[:2]), found[2] + 1)
    return _summed(sums, partial(krippendorff_alpha, metric="ordinal" if found[2] > 1 else "nominal"))


def _alpha_interval(first: Labelling, second: Labelling) -> Statistic | None:
    sums = _interval_sums(first, second)
    return None if sums is None else _summed(sums, interval_alpha)


def _alpha_within(first: Labelling, second: Labelling) -> Statistic | None:
    sums = _interval_sums(first, second)
    return None if sums is None else _summed(interval_disagreement(sums), beyond_chance)


def _interval_sums(first: Labelling, second: Labelling) -> Floats | None:
    """Of two judges' values on one scale of real numbers, of yes-no judges their probabilities."""
    if not (first.kind == second.kind == "llm") or first.scale != second.scale or first.scale in ("grade", "selection"):
        return None
    one, other = (source.probability if source.scale == "yes-no" else source.values for source in (first, second))
    if one is None or other is None:
        return None
    return interval_sums(np.stack([one, other]))


def _auc(first: Labelling, second: Labelling) -> Statistic | None:
    relevant = second.relevant()
    return None if relevant is None else mean_of(within_query_auc(first.values, relevant))


def _gain(first: Labelling, second: Labelling) -> Statistic | None:
    relevant = second.relevant()
    if relevant is None or not controlled(first, second):
        return None
    own, there = (within_query_auc(source.values, relevant) for source in (first, in_first_order(first)))
    return mean_of(own - there)


def _auc_pooled(first: Labelling, second: Labelling) -> Statistic | None:
    relevant = second.relevant()
    if relevant is None:
        return None
    both = np.asarray((~np.isnan(first.values) & ~np.isnan(relevant)).any(axis=1))
    return Computed(partial(pooled_auc, first.values, relevant), both)


def _pairs(first: Labelling, second: Labelling) -> Statistic | None:
    sums = pair_sums(first.values, second.values)
    return Summed(sums, quotient, sums[:, 1] > 0)


def _tau(first: Labelling, second: Labelling) -> Statistic | None:
    tau_b = tau_b_between if first.kind == second.kind == "llm" else kendall_tau_b
    return mean_of(tau_b(first.values, second.values))


def _leniency(first: Labelling, second: Labelling) -> Statistic | None:
    if first.categories is None or second.categories is None or second.kind == "clicks":
        return None
    sums = leniency_sums(first.categories, second.categories, (first.top, second.top))
    return Summed(sums, quotient, sums[:, 1] > 0)


def _calibration(first: Labelling, second: Labelling) -> Statistic | None:
    sums = reliability_of(first, second)
    return None if sums is None else _summed(sums, expected_calibration_error)


def _brier(first: Labelling, second: Labelling) -> Statistic | None:
    relevant = second.relevant()
    if relevant is None or first.probability is None or second.kind != "human":
        return None
    sums = brier_sums(first.probability, relevant)
    return Summed(sums, quotient, sums[:, 1] > 0)


def reliability_of(first: Labelling, second: Labelling) -> Floats | None:
    """Reliability sums [Q, bins, 3] of a judge that gives probabilities, against humans; None for others."""
    relevant = second.relevant()
    if relevant is None or first.probability is None or second.kind != "human":
        return None
    return reliability_sums(first.probability, relevant)


MEASURES = (
    Measure("agreement", "share of documents with the same category", _agreement),
    Measure("kappa", "Cohen's kappa, its chance that of all documents together", _kappa),
    Measure("kappa-within", "kappa whose chance is that of each list: no credit for lists judged alike", _kappa_within),
    Measure("kappa-linear", "Cohen's kappa, linear weights", partial(_weighted, weights="linear")),
    Measure("kappa-quadratic", "Cohen's kappa, quadratic weights", partial(_weighted, weights="quadratic")),
    Measure("alpha", "Krippendorff's alpha of the categories: nominal of two, ordinal of more", _alpha),
    Measure(
        "alpha-interval",
        "Krippendorff's alpha of the values, of yes-no judges of the probabilities: interval metric",
        _alpha_interval,
    ),
    Measure("alpha-interval-within", "alpha-interval whose chance is that of each list", _alpha_within),
    Measure("auc", "AUC within a query, mean over queries with both classes", _auc),
    Measure(
        "auc-first-stage",
        "the control of a judge: AUC within a query of the first stage's order, on the documents that it labelled",
        control(_auc),
    ),
    Measure("auc-above-first-stage", "auc minus auc-first-stage of the same query, mean over queries", _gain),
    Measure("auc-pooled", "AUC over all pairs of documents, also of different queries", _auc_pooled),
    Measure(
        "pairwise-accuracy", "share of a query's pairs, ordered by the second, that the first orders alike", _pairs
    ),
    Measure("pairwise-accuracy-first-stage", "that of the first stage's order, on the same documents", control(_pairs)),
    Measure(
        "tau-b",
        "Kendall's tau-b within a query, mean over queries that the second orders (of two judges: that either does); "
        "0 where one ties all documents that the other orders",
        _tau,
    ),
    Measure("tau-b-first-stage", "that of the first stage's order, on the same documents", control(_tau)),
    Measure("leniency", "mean grade of the first minus that of the second, both scaled to [0, 1]", _leniency),
    Measure("calibration-error", "expected calibration error of the first's probabilities, ten bins", _calibration),
    Measure("brier", "Brier score of the first's probabilities", _brier),
)


def compare(first: Labelling, second: Labelling, resamples: Resamples) -> Iterator[tuple[str, str, Estimate]]:
    """(stratum, measure, estimate) of every measure there is; `second` is the reference where a measure needs one."""
    for measure in MEASURES:
        statistic = measure.statistic(first, second)
        if statistic is None:
            continue
        for stratum, estimate in resamples.by_stratum(statistic).items():
            if estimate.queries:
                yield stratum, measure.name, estimate
