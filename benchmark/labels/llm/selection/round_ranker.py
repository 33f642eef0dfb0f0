"""The ranker so far: what the labels of the rounds before make of the track's ranker, and where it errs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.training.curriculum import Curriculum, Objective, Stage
from benchmark.training.losses import softmax_loss
from benchmark.training.ranker import ListwiseRanker
from benchmark.training.view import TrainingView


def ranker_of(view: TrainingView, labels: npt.NDArray[np.float64]) -> ListwiseRanker:
    """The track's ranker, trained on labels [n, L] of the view's lists; NaN where there is none.

    What its training notes is left out of the view's notes: they are of the ranker that the system ends with.
    """
    ranker = ListwiseRanker(view.features.pairs, start=view.features.column("cosine"))
    noted = len(view.provenance)
    ranker.fit_curriculum(Curriculum(Stage(Objective(softmax_loss, labels))), view)
    del view.provenance[noted:]
    return ranker


def dev_errors(ranker: ListwiseRanker, view: TrainingView) -> dict[str, float]:
    """1 - nDCG@10 on the dev questions, by stratum."""
    ndcg = view.dev.ndcg_by_stratum(ranker.score_lists(view.dev.qids, view.dev.docnos))
    return {stratum: 1 - value for stratum, value in ndcg.items()}
