"""Probe: is the order of the candidates an artefact?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark import PairScorer, System, TrainingView, system


@system("probe-reversed", family="probe")
class ProbeReversed(System):
    """The first stage, reversed: high would mean that the candidate lists give answers away."""

    dev_choices = ()

    def fit(self, view: TrainingView) -> PairScorer:
        """Score by the first stage's rank, worst first."""

        def score(qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
            return -view.features.scalar("reciprocal_rank", qids, docnos)

        return PairScorer(score)
