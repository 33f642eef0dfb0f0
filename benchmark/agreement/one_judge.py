"""What a judge's labels say without any other: the grades it gives, its place bias, its agreement with itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from benchmark.agreement.arrays import Bools, Floats, Ints, ratio
from benchmark.agreement.labelling import Labelling, Preferred, Shown
from benchmark.agreement.measures.alpha import coincidences, interval_sums
from benchmark.agreement.measures.position import position_sums, slope_sums
from benchmark.agreement.measures.preference import preference_sums
from benchmark.agreement.measures.tau import tau_b_between
from benchmark.agreement.measures.within import beyond_chance, interval_disagreement, nominal_disagreement
from benchmark.agreement.resample import Estimate, Resamples, Statistic, Summed, mean_of, quotient


class JudgeMeasure(NamedTuple):
    """A measure of one judge's labels: `name` in tables, what it says, and the number."""

    name: str
    description: str
    statistic: Statistic


def alone(source: Labelling, resamples: Resamples) -> Iterator[tuple[str, JudgeMeasure, Estimate]]:
    """(stratum, measure, estimate) of every measure of one judge's labels that there is."""
    for said in _said(source):
        for stratum, estimate in resamples.by_stratum(said.statistic).items():
            if estimate.queries:
                yield stratum, said, estimate


def _said(source: Labelling) -> Iterator[JudgeMeasure]:
    if source.categories is not None:
        labelled = (~np.isnan(source.categories)).sum(axis=1).astype(np.float64)
        for grade in range(source.top + 1):
            given = (source.categories == grade).sum(axis=1).astype(np.float64)
            yield JudgeMeasure(
                f"share-of-grade-{grade}",
                f"share of the labelled documents that got grade {grade}; yes and selected count as grade 1",
                Summed(np.stack([given, labelled], axis=1), quotient, labelled > 0),
            )
    if source.shown is not None:
        yield _slope(source.shown, source)
        orders = by_order(source.shown, source.values.shape)
        if len(orders) > 1:
            yield from _orders(orders, source.scale)
    if source.preferred is not None:
        yield from _preferences(source.preferred, len(source.values))


def _slope(shown: Shown, source: Labelling) -> JudgeMeasure:
    queries, size = source.values.shape
    pair = shown.query * size + shown.document
    several = _places_of(shown, pair, queries * size)
    within = bool(several.any())
    group, kept = (pair, several[pair]) if within else (shown.query, np.ones(len(pair), dtype=bool))
    sums = slope_sums(shown.query[kept], group[kept], shown.position[kept], shown.value[kept], queries)
    statistic = Summed(sums, quotient, sums[:, 1] > 0)
    if within:
        return JudgeMeasure(
            "position-slope",
            "change of the value with each further place in the prompt, within a document that was shown at several",
            statistic,
        )
    if source.shuffled:
        return JudgeMeasure(
            "position-slope-between",
            "change of the value with each further place in the prompt, between the documents of a query, each shown "
            "at one place only that was drawn at random: relevance cancels on average",
            statistic,
        )
    return JudgeMeasure(
        "position-slope-confounded",
        "change of the value with each further place in the prompt, between the documents of a query, where the places "
        "were not drawn at random: it also holds that better documents stand higher",
        statistic,
    )


def _orders(orders: Floats, scale: str) -> Iterator[JudgeMeasure]:
    """How far the orders [O, Q, L] of a list agree."""
    selects = scale == "selection"
    sums = nominal_disagreement(coincidences(orders, 2)) if selects else interval_disagreement(interval_sums(orders))
    each = np.stack([tau_b_between(one, other) for one, other in combinations(orders, 2)])
    known = ~np.isnan(each)
    tau = mean_of(ratio(np.where(known, each, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64)))
    yield JudgeMeasure(
        "order-alpha",
        "Krippendorff's alpha of a list in several orders, its chance that of each list: nominal for selections, "
        "interval otherwise",
        Summed(sums, beyond_chance, sums[:, 1] > 0),
    )
    yield JudgeMeasure(
        "order-tau-b",
        "Kendall's tau-b of two orders of the same list, mean over pairs of orders and queries; 0 where one order "
        "gives all documents the same value and the other does not",
        tau,
    )


def _preferences(one: Preferred, queries: int) -> Iterator[JudgeMeasure]:
    sums = preference_sums(one.query, one.docno, one.other, one.position, one.value, queries)
    asked = sums[:, 2] > 0
    yield JudgeMeasure(
        "preference-consistency",
        "share of pairs asked in both orders that got the same answer: one document, or neither",
        Summed(sums[:, [0, 2]], quotient, asked),
    )
    yield JudgeMeasure(
        "preference-for-first",
        "share of preferences for the document shown first, over pairs asked in both orders; half without bias",
        Summed(sums[:, [1, 2]], quotient, asked),
    )


def _places_of(shown: Shown, pair: Ints, size: int) -> Bools:
    """Which pairs were shown at more than one place."""
    lowest, highest = np.full(size, np.iinfo(np.int64).max), np.zeros(size, dtype=np.int64)
    np.minimum.at(lowest, pair, shown.position)
    np.maximum.at(highest, pair, shown.position)
    return np.asarray(highest > lowest)


def by_order(shown: Shown, shape: tuple[int, ...]) -> Floats:
    """Values [O, Q, L] in each order of the list, NaN where a document got none; of double judgments the last."""
    numbers, order = np.unique(shown.order, return_inverse=True)
    found = np.full((len(numbers), *shape), np.nan)
    found[order, shown.query, shown.document] = shown.value
    return found


def position_curve(source: Labelling, resamples: Resamples) -> list[Estimate]:
    """The mean value at each place 1, 2, ... of the prompt; empty where places are not varied."""
    if source.shown is None:
        return []
    shown = source.shown
    sums = position_sums(shown.query, shown.position, shown.value, len(source.values))
    return [resamples.estimate(Summed(at, quotient, at[:, 1] > 0)) for at in np.moveaxis(sums, 1, 0)]
