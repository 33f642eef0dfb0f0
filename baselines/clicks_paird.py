"""Clicks alone, pairs of clicked and unclicked documents."""

from __future__ import annotations

from benchmark import Curriculum, Objective, PairwiseDebiased, Stage, System, TrainingView, system


@system("clicks-paird", family="clicks", cite="hu2019unbiased")
class ClicksPaird(System):
    """Pairwise debiasing: clicked above unclicked, each rank's two ratios learned."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        pairs = view.click_pairs()
        loss = PairwiseDebiased(ranks=view.log.page_size)
        return Curriculum(Stage(Objective(loss, pairs, weight)))
