"""Clicks alone: pbm."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, Objective, Stage, System, TrainingView, softmax_loss, system


@system("clicks-pbm", family="clicks")
class ClicksPbm(System):
    """Attraction by a position-based click model, fitted by expectation maximisation."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(ClickLabels("pbm")))))
