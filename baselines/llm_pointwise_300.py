"""LLM labels alone: "yes" or "no" where the other ways of asking were tried, their control."""

from __future__ import annotations

from benchmark import Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("llm-pointwise-300", family="llm")
class LlmPointwise300(System):
    """Pointwise yes/no judgments, in float32, of the same 300 lists that llm-graded and the others learn from."""

    dev_choices = ("epochs", "temperature of LLM labels")

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        labels = view.labels(LlmLabels("qwen2.5-coder-1.5b-yes-no-float32"))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
