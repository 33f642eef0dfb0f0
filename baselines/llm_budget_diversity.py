"""LLM labels of a quarter of the lists: one from each cluster of questions."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("llm-budget-diversity", family="llm")
class LlmBudgetDiversity(System):
    """The strongest judge's labels of 300 questions, one from each cluster of question embeddings."""

    dev_choices = ("epochs", "temperature of LLM labels")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("diversity", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
