"""LLM labels where there are fewest clicks; clicks only choose, nothing is learned from them."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("fusion-budget-click-sparsity", family="fusion")
class FusionBudgetClickSparsity(System):
    """The strongest judge's labels of the 300 lists with the fewest simulated clicks."""

    dev_choices = ("epochs", "temperature of LLM labels")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("click-sparsity", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
