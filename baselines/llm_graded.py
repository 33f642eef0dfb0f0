"""LLM labels alone: grades 0 to 3 by a criterion, as expected gains."""

from __future__ import annotations

from benchmark import Curriculum, LlmGains, Objective, Stage, System, TrainingView, softmax_loss, system


@system("llm-graded", family="llm", cite="jarvelin2002cumulated")
class LlmGraded(System):
    """Pointwise grades of 300 lists by the strongest judge: the gain that nDCG gives them, expected over P(grade)."""

    dev_choices = ("epochs", "temperature of LLM labels")

    temperature: float = 0.02

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were graded."""
        gains = view.labels(LlmGains("qwen2.5-coder-1.5b-graded-3", self.temperature))
        return Curriculum(Stage(Objective(softmax_loss, gains)))
