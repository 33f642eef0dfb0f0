"""LLM labels alone: which passages of a list helped the strongest judge to answer."""

from __future__ import annotations

from benchmark import Curriculum, LlmValues, Objective, Stage, System, TrainingView, summed_positives_loss, system


@system("llm-utility", family="llm", cite="zhang2025utility")
class LlmUtility(System):
    """Passages of 99 lists that helped to answer, as noisy positives: their summed marginal likelihood."""

    dev_choices = ("epochs",)

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists of which some passages helped and others did not."""
        useful = view.labels(LlmValues("qwen2.5-coder-1.5b-utility"))
        telling = (useful > 0).any(axis=1) & (useful < 1).any(axis=1)
        return Curriculum(Stage(Objective(summed_positives_loss, useful, weight=telling.astype(float))))
