"""Fusion, the control that should lose: FAMOL with its weights exchanged."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("fusion-famol-reversed", family="fusion")
class FusionFamolReversed(System):
    """FAMOL the wrong way round: clicks count most where they are fewest."""

    dev_choices = ("epochs", "temperature of LLM labels")

    k: float = 20.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, two objectives, weights against frequency."""
        clicks = self.k / (view.frequency + self.k)
        return Curriculum(
            Stage(
                Objective(softmax_loss, view.labels(ClickLabels("pbm")), weight=clicks),
                Objective(softmax_loss, view.labels(LlmLabels()), weight=1 - clicks),
            )
        )
