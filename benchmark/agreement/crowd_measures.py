"""How well human and LLM writers agree on what to cite, and how well rank explains it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from benchmark.agreement.arrays import Floats, ratio
from benchmark.agreement.crowd import Crowd
from benchmark.agreement.measures.alpha import coincidences, krippendorff_alpha
from benchmark.agreement.measures.auc import pooled_auc, within_query_auc
from benchmark.agreement.measures.confusion import confusion
from benchmark.agreement.measures.kappa import cohen_kappa
from benchmark.agreement.measures.within import kappa_within
from benchmark.agreement.resample import Computed, Estimate, Resamples, Statistic, Summed, quotient

KINDS = ("human", "llm")
DESCRIPTIONS = {
    "alpha": "Krippendorff's alpha (nominal) of the selections of these writers",
    "kappa": "Cohen's kappa, mean over the pairs of writers",
    "kappa-within-rank": "kappa with chance taken at each rank: agreement beyond what both do by rank; mean over pairs",
    "auc": "AUC within a query of the first for what the second selected; mean over queries, then over writers",
    "auc-pooled": "the same over all pairs of passages, also of different queries",
    "share-selected": "share of the passages that were selected",
}


class CrowdRow(NamedTuple):
    """One number of the crowd: `first` against `second`."""

    first: str
    second: str
    measure: str
    estimate: Estimate


def measure_crowd(crowd: Crowd, resamples: Resamples) -> Iterator[CrowdRow]:
    """Every number, with intervals over queries."""
    for first, second, measure, statistic in _statistics(crowd):
        yield CrowdRow(first, second, measure, resamples.estimate(statistic))


def _statistics(crowd: Crowd) -> Iterator[tuple[str, str, str, Statistic]]:
    everyone = np.ones(len(crowd.qids), dtype=bool)
    named = [("human", crowd.of("human")), ("llm", crowd.of("llm")), ("human and llm", crowd.selected)]
    for name, selected in named:
        if len(selected) > 1:
            yield name, name, "alpha", Summed(coincidences(selected, 2), krippendorff_alpha, everyone)
    rows = {kind: [row for row, one in enumerate(crowd.kinds) if one == kind] for kind in KINDS}
    groups = [(kind, kind, list(combinations(rows[kind], 2))) for kind in KINDS]
    for first, second, pairs in [*groups, ("human", "llm", list(product(rows["human"], rows["llm"])))]:
        if pairs:
            yield from _pairs(crowd, first, second, pairs)
    for one, other in combinations(range(len(crowd.kinds)), 2):
        counts = confusion(crowd.selected[one], crowd.selected[other], 2)
        yield crowd.writers[one], crowd.writers[other], "kappa", Summed(counts, cohen_kappa, everyone)
    yield from _predictions(crowd, rows)
    size = crowd.selected.shape[2]
    for writer, selected in zip(crowd.writers, crowd.selected, strict=True):
        sums = np.stack([selected.sum(axis=1), np.full(len(selected), float(size))], axis=1)
        yield writer, "", "share-selected", Summed(sums, quotient, everyone)


def _pairs(
    crowd: Crowd, first: str, second: str, pairs: list[tuple[int, int]]
) -> Iterator[tuple[str, str, str, Statistic]]:
    everyone = np.ones(len(crowd.qids), dtype=bool)
    ranks = np.stack([_by_rank(crowd.selected[one], crowd.selected[other]) for one, other in pairs], axis=1)
    plain = ranks.sum(axis=2)
    yield first, second, "kappa", Summed(plain, lambda counts: cohen_kappa(counts).mean(axis=-1), everyone)
    yield first, second, "kappa-within-rank", Summed(ranks, lambda counts: kappa_within(counts).mean(axis=-1), everyone)


def _by_rank(first: Floats, second: Floats) -> Floats:
    """Confusion counts [Q, L, 2, 2], one cell of one rank each."""
    one, other = (np.stack([1 - part, part], axis=-1) for part in (first, second))
    return np.asarray(one[..., :, None] * other[..., None, :])


def _predictions(crowd: Crowd, rows: dict[str, list[int]]) -> Iterator[tuple[str, str, str, Statistic]]:
    """AUC of rank, and of the votes of the other writers of a kind, for the selections of each writer of a kind."""
    queries, size = crowd.selected.shape[1:]
    rank = np.tile(-np.arange(size, dtype=np.float64), (queries, 1))
    for target, source in product(KINDS, ("rank", *KINDS)):
        predicted: list[tuple[Floats, Floats]] = []
        for writer in rows[target]:
            voters = [other for other in rows.get(source, []) if other != writer]
            if source == "rank" or voters:
                predicted.append(
                    (rank if source == "rank" else crowd.selected[voters].sum(axis=0), crowd.selected[writer])
                )
        if predicted:
            name = source if source == "rank" else f"votes of {source} writers"
            yield name, target, "auc", _mean_auc(predicted)
            yield name, target, "auc-pooled", _mean_pooled(predicted)


def _mean_auc(predicted: list[tuple[Floats, Floats]]) -> Statistic:
    each = np.stack([within_query_auc(values, chosen) for values, chosen in predicted], axis=1)
    known = ~np.isnan(each)
    sums = np.stack([np.where(known, each, 0.0), known.astype(np.float64)], axis=-1)
    return Summed(sums, lambda total: ratio(total[..., 0], total[..., 1]).mean(axis=-1), np.asarray(known.any(axis=1)))


def _mean_pooled(predicted: list[tuple[Floats, Floats]]) -> Statistic:
    def at(counts: Floats) -> Floats:
        return np.asarray(np.mean([pooled_auc(values, chosen, counts) for values, chosen in predicted], axis=0))

    return Computed(at, np.ones(len(predicted[0][0]), dtype=bool))
