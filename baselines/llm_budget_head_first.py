"""LLM labels of a quarter of the lists: those of frequent questions."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("llm-budget-head-first", family="llm")
class LlmBudgetHeadFirst(System):
    """The strongest judge's labels of the 300 most frequent questions."""

    dev_choices = ("epochs", "temperature of LLM labels")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("head-first", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
