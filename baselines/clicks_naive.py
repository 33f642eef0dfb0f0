"""Clicks alone: ctr."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, Objective, Stage, System, TrainingView, softmax_loss, system


@system("clicks-naive", family="clicks")
class ClicksNaive(System):
    """Click-through rates, smoothed; position bias is left in."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(ClickLabels("ctr")))))
