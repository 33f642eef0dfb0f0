"""Floor: chance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark import PairScorer, System, TrainingView, system
from benchmark.hashing import seeded_hash


@system("random", family="floor")
class Random(System):
    """Uniformly random scores: a hash of seed, question and document."""

    dev_choices = ()

    def fit(self, view: TrainingView) -> PairScorer:
        """The same of a pair whatever it is asked with; nothing is learned."""

        def score(qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
            hashes = [seeded_hash(view.seed, qid, docno) for qid, docno in zip(qids, docnos, strict=True)]
            return np.array(hashes, dtype=np.float64) / 2.0**64

        return PairScorer(score)
