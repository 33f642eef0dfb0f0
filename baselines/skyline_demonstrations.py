"""Grades by an LLM that was shown grades of people: no competitor, since people supervised it."""

from __future__ import annotations

from benchmark import Curriculum, LlmGains, Objective, Stage, System, TrainingView, softmax_loss, system


@system("skyline-demonstrations", family="skyline", cite="zhang2023llmaaa")
class SkylineDemonstrations(System):
    """Grades of 300 lists by SmolLM2-135M-Instruct after people's grades for similar questions: no competitor."""

    dev_choices = ("epochs", "temperature of LLM labels")

    temperature: float = 0.02

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were graded."""
        gains = view.labels(LlmGains("smollm2-135m-graded-demonstrations", self.temperature))
        return Curriculum(Stage(Objective(softmax_loss, gains)))
