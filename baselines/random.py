"""Floor: chance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark import PairScorer, System, TrainingView, system


@system("random", family="floor")
class Random(System):
    """Uniformly random scores."""

    dev_choices = ()

    def fit(self, view: TrainingView) -> PairScorer:
        """Random numbers from the seed; nothing is learned."""

        def score(qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
            return np.random.default_rng(view.seed).random(len(qids))

        return PairScorer(score)
