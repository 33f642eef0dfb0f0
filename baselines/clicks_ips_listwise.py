"""Clicks alone, weighted by inverse examination, page by page."""

from __future__ import annotations

from benchmark import Curriculum, IpsListwise, Objective, Stage, System, TrainingView, estimated_examination, system


@system("clicks-ips-listwise", family="clicks", cite="joachims2017unbiased")
class ClicksIpsListwise(System):
    """Softmax cross entropy on clicks weighted by clipped inverse examination (listwise)."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0
    clip: float = 0.1

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = IpsListwise(estimated_examination(view), self.clip)
        return Curriculum(Stage(Objective(loss, counts, weight)))
