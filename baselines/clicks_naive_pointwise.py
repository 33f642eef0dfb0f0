"""Clicks alone, no correction, document by document."""

from __future__ import annotations

from benchmark import Curriculum, NaivePointwise, Objective, Stage, System, TrainingView, system


@system("clicks-naive-pointwise", family="clicks")
class ClicksNaivePointwise(System):
    """Every impression is a yes or a no: pointwise cross entropy on clicks, position bias left in."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = NaivePointwise()
        return Curriculum(Stage(Objective(loss, counts, weight)))
