"""Clicks alone: ubm."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, Objective, Stage, System, TrainingView, softmax_loss, system


@system("clicks-ubm", family="clicks", cite="dupret2008user")
class ClicksUbm(System):
    """Attraction by a user browsing model: examination depends on the last click (listwise)."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(ClickLabels("ubm")))))
