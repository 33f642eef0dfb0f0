"""LLM labels of a quarter of the lists, the control of all ways to choose them."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("llm-budget-random", family="llm")
class LlmBudgetRandom(System):
    """The strongest judge's labels of 300 lists drawn at random: what choosing them well must beat."""

    dev_choices = ("epochs", "temperature of LLM labels")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("random", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
