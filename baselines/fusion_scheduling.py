"""Fusion in stages: data scheduling."""

from __future__ import annotations

import numpy as np

from benchmark import (
    ClickLabels,
    Curriculum,
    ListwiseRanker,
    LlmLabels,
    Objective,
    Stage,
    System,
    TrainingView,
    softmax_loss,
    system,
)


@system("fusion-scheduling", family="fusion", cite="yu2025llm")
class FusionScheduling(System):
    """LLM labels on all queries first, then clicks on the frequent ones (stratum high)."""

    dev_choices = ("epochs", "temperature of LLM labels")

    def curriculum(self, view: TrainingView) -> Curriculum:
        """Two stages; the second sees the high stratum only."""
        frequent = (view.stratum == "high").astype(np.float64)
        return Curriculum(
            Stage(Objective(softmax_loss, view.labels(LlmLabels()))),
            Stage(Objective(softmax_loss, view.labels(ClickLabels("pbm")), weight=frequent)),
        )

    def fit(self, view: TrainingView) -> ListwiseRanker:
        """As any system; a stage on clicks of which nothing was kept is told of, since the row is then the first's."""
        ranker = self.ranker(view.features).fit_curriculum(self.curriculum(view), view)
        if ranker.epochs[0] and not ranker.epochs[1]:
            view.note("no epoch of training was kept of the stage on clicks: none ranks the dev questions better")
        return ranker
