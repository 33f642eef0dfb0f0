"""Fusion by frequency-aware multi-objective learning (FAMOL), of the family that its abstract describes."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("fusion-famol", family="fusion", cite="yu2025llm")
class FusionFamol(System):
    """Each query's click loss counts a = f / (f + k), its LLM loss 1 - a; f is its impressions, k is 20."""

    dev_choices = ("epochs", "temperature of LLM labels")

    k: float = 20.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, two objectives, weights by frequency."""
        clicks = view.frequency / (view.frequency + self.k)
        return Curriculum(
            Stage(
                Objective(softmax_loss, view.labels(ClickLabels("pbm")), weight=clicks),
                Objective(softmax_loss, view.labels(LlmLabels()), weight=1 - clicks),
            )
        )
