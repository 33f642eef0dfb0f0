"""Clicks alone: a regression that the clicks correct."""

from __future__ import annotations

import torch

from benchmark import (
    Curriculum,
    DoublyRobustListwise,
    IpsPointwise,
    ListwiseRanker,
    Objective,
    Stage,
    System,
    TrainingView,
    doubly_robust_evidence,
    estimated_examination,
    system,
)


@system("clicks-doubly-robust", family="clicks", cite="oosterhuis2023doubly")
class ClicksDoublyRobust(System):
    """Doubly robust: relevance imputed by clicks-ips-pointwise, corrected by debiased clicks (listwise)."""

    dev_choices = ("epochs", "query weight", "imputation and loss")

    k: float = 1.0
    clip: float = 0.1

    def fit(self, view: TrainingView) -> ListwiseRanker:
        """Two rankers: the first imputes relevance, the second learns what the clicks make of it."""
        weight = view.frequency / (view.frequency + self.k)
        counts, examination = view.click_counts(), estimated_examination(view)
        regression = Objective(IpsPointwise(examination, self.clip), counts, weight)
        first = self.ranker(view.features).fit_curriculum(Curriculum(Stage(regression)), view)
        (model,) = first.losses
        assert isinstance(model, IpsPointwise)  # the copy that was trained
        with torch.no_grad():
            imputed = model.relevance(torch.from_numpy(first.score_lists(view.qids, view.docnos))).double().numpy()
        evidence = doubly_robust_evidence(counts, examination, imputed)
        objective = Objective(DoublyRobustListwise(self.clip), evidence, weight)
        return self.ranker(view.features).fit_curriculum(Curriculum(Stage(objective)), view)
