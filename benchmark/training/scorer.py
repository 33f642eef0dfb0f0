"""A transformer that scores pairs by a function: for systems that need no training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyterrier as pt

from benchmark.errors import ConfigurationError, SystemFault
from benchmark.scoring.ties import TIE_SEED, pair_hashes

PairScores = Callable[[npt.NDArray[np.str_], npt.NDArray[np.str_]], npt.NDArray[np.floating]]


class PairScorer(pt.Transformer):
    """Re-ranks results by `score(qids [n], docnos [n]) -> [n]`, called once for all rows."""

    def __init__(self, score: PairScores) -> None:
        super().__init__()
        self.score = score

    def transform(self, results: pd.DataFrame) -> pd.DataFrame:
        """The results with new scores and ranks; `SystemFault` at the first score that is not finite."""
        qids, docnos = results["qid"].to_numpy(dtype=str), results["docno"].to_numpy(dtype=str)
        scores = np.asarray(self.score(qids, docnos), dtype=np.float64)
        _check_finite(scores, qids, docnos)
        return pt.model.add_ranks(results.drop(columns=["score", "rank"], errors="ignore").assign(score=scores))


class ReciprocalRank(pt.Transformer):
    """Replaces each score by 1 / (k + rank), ranks from 1: `(a >> rr) + (b >> rr)` is reciprocal rank fusion.

    Tied documents are ranked as the benchmark ranks them (see `scoring.ties`), whatever the order of the rows. Raises
    `ConfigurationError` unless k is finite and above -1. Source: Cormack, Clarke and Büttcher, SIGIR 2009.
    """

    def __init__(self, k: float = 60) -> None:
        super().__init__()
        if not -1 < k < np.inf:
            raise ConfigurationError(f"reciprocal ranks 1 / (k + rank) need a finite k above -1, got {k:g}")
        self.k = k

    def transform(self, results: pd.DataFrame) -> pd.DataFrame:
        """The results with reciprocal ranks as scores; `SystemFault` at the first score that is not finite."""
        qids, docnos = results["qid"].to_numpy(dtype=str), results["docno"].to_numpy(dtype=str)
        scores = results["score"].to_numpy(dtype=np.float64)
        _check_finite(scores, qids, docnos)
        _, query, size = np.unique(qids, return_inverse=True, return_counts=True)
        order = np.lexsort((pair_hashes(qids.tolist(), docnos.tolist(), TIE_SEED), -scores, query))
        rank = np.empty(len(order))
        rank[order] = 1 + np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
        return pt.model.add_ranks(results.drop(columns=["rank"], errors="ignore").assign(score=1 / (self.k + rank)))


def _check_finite(scores: npt.NDArray[np.float64], qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> None:
    if not np.isfinite(scores).all():
        row = int(np.argmax(~np.isfinite(scores)))
        raise SystemFault(f"query {qids[row]}: document {docnos[row]} has score {scores[row]}; scores must be finite")
