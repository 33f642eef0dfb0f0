"""Clicks alone, weighted by inverse examination, document by document."""

from __future__ import annotations

from benchmark import Curriculum, IpsPointwise, Objective, Stage, System, TrainingView, estimated_examination, system


@system("clicks-ips-pointwise", family="clicks", cite="joachims2017unbiased")
class ClicksIpsPointwise(System):
    """Pointwise cross entropy on clicks weighted by clipped inverse examination."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0
    clip: float = 0.1

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = IpsPointwise(estimated_examination(view), self.clip)
        return Curriculum(Stage(Objective(loss, counts, weight)))
