"""Clicks alone: trust."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, Objective, Stage, System, TrainingView, softmax_loss, system


@system("clicks-trust", family="clicks", cite="agarwal2019addressing")
class ClicksTrust(System):
    """Relevance by a click model with trust bias: some clicks come from the rank alone (listwise)."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(ClickLabels("trust")))))
