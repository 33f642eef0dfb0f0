"""What a judge's labels say without any other: the grades it gives, its place bias, its agreement with itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from benchmark.agreement.arrays import Bools, Floats, Ints, ratio
from benchmark.agreement.measures.alpha import coincidences, interval_alpha, interval_sums, krippendorff_alpha
from benchmark.agreement.measures.position import position_sums, slope_sums
from benchmark.agreement.measures.preference import preference_sums
from benchmark.agreement.measures.tau import kendall_tau_b
from benchmark.agreement.resample import Estimate, Resamples, Statistic, Summed, mean_of, quotient
from benchmark.agreement.source import Shown, Source

DESCRIPTIONS = {
    "share-of-grade": "share of the labelled documents that got this grade",
    "position-slope": "change of the value with each further place in the prompt, within a document that was shown at "
    "several",
    "position-slope-between": "the same between the documents of a query, each shown at one place only that was drawn "
    "at random: relevance cancels on average",
    "position-slope-confounded": "the same, where the places were not drawn at random: it also holds that better "
    "documents stand higher",
    "order-alpha": "Krippendorff's alpha of a list in several orders: nominal for selections, interval otherwise",
    "order-tau-b": "Kendall's tau-b of two orders of the same list, mean over pairs of orders and queries",
    "preference-consistency": "share of pairs asked in both orders that got the same answer: one document, or neither",
    "preference-for-first": "share of preferences for the document shown first, over pairs asked in both orders; half "
    "without bias",
}


def alone(source: Source, resamples: Resamples) -> Iterator[tuple[str, str, Estimate]]:
    """(stratum, measure, estimate) of every measure of one judge's labels that there is."""
    for name, statistic in _statistics(source):
        for stratum, estimate in resamples.by_stratum(statistic).items():
            if estimate.queries:
                yield stratum, name, estimate


def _statistics(source: Source) -> Iterator[tuple[str, Statistic]]:
    if source.categories is not None:
        labelled = (~np.isnan(source.categories)).sum(axis=1).astype(np.float64)
        for grade in range(source.top + 1):
            given = (source.categories == grade).sum(axis=1).astype(np.float64)
            yield f"share-of-grade-{grade}", Summed(np.stack([given, labelled], axis=1), quotient, labelled > 0)
    if source.shown is not None:
        yield from _shown(source.shown, source)
    if source.preferred is not None:
        one = source.preferred
        sums = preference_sums(one.query, one.docno, one.other, one.position, one.value, len(source.values))
        asked = sums[:, 2] > 0
        yield "preference-consistency", Summed(sums[:, [0, 2]], quotient, asked)
        yield "preference-for-first", Summed(sums[:, [1, 2]], quotient, asked)


def _shown(shown: Shown, source: Source) -> Iterator[tuple[str, Statistic]]:
    queries, size = source.values.shape
    pair = shown.query * size + shown.document
    several = _places_of(shown, pair, queries * size)
    group, kept = (pair, several[pair]) if several.any() else (shown.query, np.ones(len(pair), dtype=bool))
    once = "position-slope-between" if source.shuffled else "position-slope-confounded"
    name = "position-slope" if several.any() else once
    sums = slope_sums(shown.query[kept], group[kept], shown.position[kept], shown.value[kept], queries)
    yield name, Summed(sums, quotient, sums[:, 1] > 0)
    orders = by_order(shown, source.values.shape)
    if len(orders) < 2:
        return
    if source.scale == "selection":
        found = coincidences(orders, 2)
        yield "order-alpha", Summed(found, krippendorff_alpha, np.asarray(found.any(axis=(1, 2))))
    else:
        found = interval_sums(orders)
        yield "order-alpha", Summed(found, interval_alpha, found[:, 0] > 0)
    each = np.stack([kendall_tau_b(one, other) for one, other in combinations(orders, 2)])
    known = ~np.isnan(each)
    yield "order-tau-b", mean_of(ratio(np.where(known, each, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64)))


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


def position_curve(source: Source, resamples: Resamples) -> list[Estimate]:
    """The mean value at each place 1, 2, ... of the prompt; empty where places are not varied."""
    if source.shown is None:
        return []
    shown = source.shown
    sums = position_sums(shown.query, shown.position, shown.value, len(source.values))
    return [resamples.estimate(Summed(at, quotient, at[:, 1] > 0)) for at in np.moveaxis(sums, 1, 0)]
