"""Clicks alone, two models that correct each other."""

from __future__ import annotations

from benchmark import Curriculum, DualLearning, Objective, Stage, System, TrainingView, system


@system("clicks-dla", family="clicks", cite="ai2018unbiased")
class ClicksDla(System):
    """Dual learning: ranker and examination weight each other's clicks inversely (listwise)."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = DualLearning(ranks=counts.shape[2])
        return Curriculum(Stage(Objective(loss, counts, weight)))
