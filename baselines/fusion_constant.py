"""Fusion, the control: the same weights for every query."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("fusion-constant", family="fusion")
class FusionConstant(System):
    """Click loss and LLM loss with equal weights on every query: what a fusion by frequency must beat."""

    dev_choices = ("epochs", "temperature of LLM labels")

    clicks: float = 0.5

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, two objectives, constant weights."""
        return Curriculum(
            Stage(
                Objective(softmax_loss, view.labels(ClickLabels("pbm")), weight=self.clicks),
                Objective(softmax_loss, view.labels(LlmLabels()), weight=1 - self.clicks),
            )
        )
