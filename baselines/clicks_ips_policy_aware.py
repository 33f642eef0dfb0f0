"""Clicks alone, corrected for where the changing rankings put a document."""

from __future__ import annotations

from benchmark import (
    Curriculum,
    Objective,
    PolicyAwareListwise,
    Stage,
    System,
    TrainingView,
    estimated_examination,
    system,
)


@system("clicks-ips-policy-aware", family="clicks", cite="oosterhuis2020policy")
class ClicksIpsPolicyAware(System):
    """Clicks weighted by how likely the logged rankings had the document examined (listwise)."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0
    clip: float = 0.05

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        loss = PolicyAwareListwise(estimated_examination(view), self.clip)
        return Curriculum(Stage(Objective(loss, counts, weight)))
