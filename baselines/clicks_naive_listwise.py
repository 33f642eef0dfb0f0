"""Clicks alone, no correction, page by page."""

from __future__ import annotations

from benchmark import Curriculum, NaiveListwise, Objective, Stage, System, TrainingView, system


@system("clicks-naive-listwise", family="clicks")
class ClicksNaiveListwise(System):
    """Softmax cross entropy on the clicks of each page (listwise); position bias is left in."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = NaiveListwise()
        return Curriculum(Stage(Objective(loss, counts, weight)))
