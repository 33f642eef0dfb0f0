"""Skyline: what the ranker reaches with expert labels of the same training questions."""

from __future__ import annotations

from benchmark import Curriculum, HumanLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("skyline-human", family="skyline")
class SkylineHuman(System):
    """Human grades of the training questions: an upper mark, not a competitor."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(HumanLabels()))))
