"""LLM labels of a quarter of the lists, chosen in two rounds by where the ranker is unsure."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("llm-budget-ranker-uncertainty", family="llm", cite="zhang2023llmaaa")
class LlmBudgetRankerUncertainty(System):
    """The strongest judge's labels of 150 lists at random, then of the 150 that the ranker so far is least sure of."""

    dev_choices = ("epochs", "temperature of LLM labels")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("ranker-uncertainty", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
