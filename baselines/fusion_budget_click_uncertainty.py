"""LLM labels where a click model is least sure; clicks only choose, nothing is learned from them."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SelectedLlmLabels, Stage, System, TrainingView, softmax_loss, system


@system("fusion-budget-click-uncertainty", family="fusion")
class FusionBudgetClickUncertainty(System):
    """The strongest judge's labels of the 300 lists of which a position-based click model is least sure."""

    dev_choices = ("epochs", "temperature of LLM labels")

    budget: int = 300

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were chosen."""
        labels = view.labels(SelectedLlmLabels("click-uncertainty", self.budget))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
