"""LLM labels of a quarter of the lists, chosen in two rounds by where the ranker errs on dev."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("llm-budget-dev-error", family="llm", cite="zhao2023mllm")
class LlmBudgetDevError(System):
    """The strongest judge's labels of 150 lists at random, then of 150 shared out by the strata's error on dev."""

    dev_choices = ("epochs", "temperature of LLM labels", "lists of each stratum in the second round")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("dev-error", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
