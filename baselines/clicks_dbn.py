"""Clicks alone: dbn."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, Objective, Stage, System, TrainingView, softmax_loss, system


@system("clicks-dbn", family="clicks", cite="chapelle2009dynamic")
class ClicksDbn(System):
    """Attraction times satisfaction by a dynamic Bayesian network click model (listwise)."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(ClickLabels("dbn")))))
