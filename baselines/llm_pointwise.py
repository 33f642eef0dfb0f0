"""LLM labels alone: the strongest judge's probability of "yes"."""

from __future__ import annotations

from benchmark import Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("llm-pointwise", family="llm", cite="yu2025llm")
class LlmPointwise(System):
    """Pointwise yes/no judgments of the strongest judge."""

    dev_choices = ("epochs", "temperature of LLM labels")

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(LlmLabels()))))
