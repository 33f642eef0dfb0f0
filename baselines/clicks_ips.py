"""Clicks alone: ips."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, Objective, Stage, System, TrainingView, softmax_loss, system


@system("clicks-ips", family="clicks")
class ClicksIps(System):
    """Clicks weighted by inverse examination, which is estimated from the log."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(ClickLabels("ips")))))
