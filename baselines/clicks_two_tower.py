"""Clicks alone, a tower for the rank beside the one that ranks."""

from __future__ import annotations

from benchmark import Curriculum, Objective, Stage, System, TrainingView, TwoTower, system


@system("clicks-two-tower", family="clicks")
class ClicksTwoTower(System):
    """Additive two towers: a learned logit for each rank is left out when ranking (pointwise)."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = TwoTower(ranks=counts.shape[2])
        return Curriculum(Stage(Objective(loss, counts, weight)))
