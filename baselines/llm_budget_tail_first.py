"""LLM labels of a quarter of the lists: those of rare questions."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("llm-budget-tail-first", family="llm")
class LlmBudgetTailFirst(System):
    """The strongest judge's labels of the 300 least frequent questions, of which clicks say least."""

    dev_choices = ("epochs", "temperature of LLM labels")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("tail-first", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
