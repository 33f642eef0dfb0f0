"""LLM labels alone: which passages of a list the strongest judge selects."""

from __future__ import annotations

from benchmark import Curriculum, LlmValues, Objective, Stage, System, TrainingView, summed_positives_loss, system


@system("llm-selection", family="llm", cite="zhang2025utility")
class LlmSelection(System):
    """Selections from 300 lists as noisy positives: their summed marginal likelihood."""

    dev_choices = ("epochs",)

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists of which some passages were selected and others not."""
        shares = view.labels(LlmValues("qwen2.5-coder-1.5b-listwise-selection"))
        telling = (shares > 0).any(axis=1) & (shares < 1).any(axis=1)
        return Curriculum(Stage(Objective(summed_positives_loss, shares, weight=telling.astype(float))))
