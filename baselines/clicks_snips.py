"""Clicks alone, weighted by inverse examination, normalised."""

from __future__ import annotations

from benchmark import Curriculum, Objective, SnipsListwise, Stage, System, TrainingView, estimated_examination, system


@system("clicks-snips", family="clicks", cite="swaminathan2015self")
class ClicksSnips(System):
    """Clicks weighted by inverse examination, the weights normalised over each batch (listwise)."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = SnipsListwise(estimated_examination(view))
        return Curriculum(Stage(Objective(loss, counts, weight)))
