"""The pool of a task's questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.models.model import prior_deviation
from benchmark.labels.clicks.models.registry import fitted
from benchmark.labels.llm.selection.pool import Floats, Pool
from benchmark.labels.llm.selection.registry import entry
from benchmark.tasks.features import FeatureStore


class Lists(Protocol):
    """n questions with lists of L candidates: a training view, or the questions of a task."""

    @property
    def qids(self) -> npt.NDArray[np.str_]:
        """[n]."""
        ...

    @property
    def docnos(self) -> npt.NDArray[np.str_]:
        """[n, L]."""
        ...

    @property
    def frequency(self) -> npt.NDArray[np.floating] | npt.NDArray[np.integer]:
        """[n]."""
        ...

    @property
    def stratum(self) -> npt.NDArray[np.str_]:
        """[n]."""
        ...


def pool_of(
    strategy: str,
    lists: Lists,
    features: FeatureStore,
    log: ImpressionLog | None = None,
    *,
    scores: npt.NDArray[np.floating] | None = None,
    error: Mapping[str, float] | None = None,
) -> Pool:
    """The pool with what `strategy` needs, as far as it is given; questions that are not in the log have no clicks.

    `uncertainty` is the posterior deviation of relevance in a position-based model of the whole log, the prior's for
    questions that are not in it. Raises `ConfigurationError` for a strategy that does not exist.
    """
    chosen = entry(strategy)
    clicks = uncertainty = None
    if log is not None and chosen.by_log:
        _, clicked = log.only(lists.qids).counts()
        clicks = clicked.sum(axis=2).astype(np.int64)
        uncertainty = _uncertainty(log, lists) if "uncertainty" in chosen.needs else None
    return Pool(
        lists.qids,
        lists.frequency.astype(np.float64),
        lists.stratum,
        clicks=clicks,
        uncertainty=uncertainty,
        vectors=_vectors(features, lists.qids) if "vectors" in chosen.needs else None,
        scores=scores,
        error=dict(error or {}),
    )


def _uncertainty(log: ImpressionLog, lists: Lists) -> Floats:
    model = fitted("pbm", log)
    deviation = np.asarray(model.deviation, dtype=np.float64).reshape(len(log.qids), log.list_size)
    at = log.rows(lists.qids)
    return np.where((at >= 0)[:, None], deviation[at], prior_deviation(model))


def _vectors(features: FeatureStore, qids: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
    order = np.argsort(features.qids)
    found: npt.NDArray[np.float32] = features.query_vectors[order[np.searchsorted(features.qids[order], qids)]]
    return found
