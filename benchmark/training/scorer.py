"""A transformer that scores pairs by a function: for systems that need no training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyterrier as pt

from benchmark.errors import SystemFault

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
        if not np.isfinite(scores).all():
            row = int(np.argmax(~np.isfinite(scores)))
            raise SystemFault(
                f"query {qids[row]}: document {docnos[row]} has score {scores[row]}; scores must be finite"
            )
        return pt.model.add_ranks(results.drop(columns=["score", "rank"], errors="ignore").assign(score=scores))


class ReciprocalRank(pt.Transformer):
    """Replaces each score by 1 / (k + rank), ranks from 1: `(a >> rr) + (b >> rr)` is reciprocal rank fusion.

    Source: Cormack, Clarke and Büttcher, SIGIR 2009.
    """

    def __init__(self, k: float = 60) -> None:
        super().__init__()
        self.k = k

    def transform(self, results: pd.DataFrame) -> pd.DataFrame:
        """The results with reciprocal ranks as scores; their order within a query stays."""
        rank = results.groupby("qid")["score"].rank(method="first", ascending=False)
        return pt.model.add_ranks(results.drop(columns=["rank"], errors="ignore").assign(score=1 / (self.k + rank)))
