"""LLM labels alone: grades 0 to 3, each given with the whole list in sight."""

from __future__ import annotations

from benchmark import Curriculum, LlmGains, Objective, Stage, System, TrainingView, softmax_loss, system


@system("llm-listwise-graded", family="llm", cite="yu2025llm")
class LlmListwiseGraded(System):
    """Listwise grades of 99 lists by the strongest judge: the gain that nDCG gives them, expected over P(grade)."""

    dev_choices = ("epochs", "temperature of LLM labels")

    temperature: float = 0.2

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were graded."""
        gains = view.labels(LlmGains("qwen2.5-coder-1.5b-listwise-graded-3", self.temperature))
        return Curriculum(Stage(Objective(softmax_loss, gains)))
