"""Clicks alone, examination and relevance from one likelihood."""

from __future__ import annotations

from benchmark import Curriculum, Objective, RegressionEm, Stage, System, TrainingView, system


@system("clicks-regression-em", family="clicks", cite="wang2018position")
class ClicksRegressionEm(System):
    """Ranker and examination by rank from the likelihood of the log, their product (pointwise)."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = RegressionEm(ranks=counts.shape[2])
        return Curriculum(Stage(Objective(loss, counts, weight)))
