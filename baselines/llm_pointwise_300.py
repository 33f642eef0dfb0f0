"""LLM labels alone: "yes" or "no" where the other ways of asking were tried, their control."""

from __future__ import annotations

import numpy as np

from benchmark import Curriculum, LlmLabels, LlmValues, Objective, Stage, System, TrainingView, softmax_loss, system


@system("llm-pointwise-300", family="llm")
class LlmPointwise300(System):
    """Pointwise yes/no judgments of the same 300 lists that llm-graded and the others learn from."""

    dev_choices = ("epochs", "temperature of LLM labels")

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were graded, too."""
        graded = LlmValues("qwen2.5-coder-1.5b-graded-3").label(view)  # which lists, not what they say: no label of it
        asked = ~np.isnan(graded)
        labels = np.where(asked, view.labels(LlmLabels()), np.nan)
        return Curriculum(Stage(Objective(softmax_loss, labels)))
