"""Clicks alone, corrected for position and for trust in high ranks, page by page."""

from __future__ import annotations

from benchmark import AffineListwise, Curriculum, Objective, Stage, System, TrainingView, estimated_trust_bias, system


@system("clicks-affine", family="clicks", cite="vardasbi2020when")
class ClicksAffine(System):
    """Affine correction: clicks less those that trust in the rank makes, by inverse slope (listwise)."""

    dev_choices = ("epochs", "query weight")

    k: float = 1.0
    clip: float = 0.1

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; a query counts f / (f + k), f its impressions."""
        weight = view.frequency / (view.frequency + self.k)
        counts = view.click_counts()
        bias = estimated_trust_bias(view)
        loss = AffineListwise(bias.slope, bias.offset, self.clip)
        return Curriculum(Stage(Objective(loss, counts, weight)))
