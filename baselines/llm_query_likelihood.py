"""LLM labels alone: how likely a small model finds the question after the document."""

from __future__ import annotations

from benchmark import Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("llm-query-likelihood", family="llm", cite="sachan2022improving")
class LlmQueryLikelihood(System):
    """Query likelihood by SmolLM2-135M-Instruct, a model ten times smaller than the strongest judge."""

    dev_choices = ("epochs", "temperature of LLM labels")

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        labels = view.labels(LlmLabels("smollm2-135m-query-likelihood"))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
