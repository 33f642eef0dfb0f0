"""Clicks alone: pbm, each query as far as it is known."""

from __future__ import annotations

import numpy as np

from benchmark import ClickLabels, Curriculum, Objective, Stage, System, TrainingView, softmax_loss, system


@system("clicks-pbm-weighted", family="clicks")
class ClicksPbmWeighted(System):
    """Attraction by a position-based click model; a query counts by how much its clicks narrowed the posterior."""

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective; weight 1 - mean variance of the query's attractions over that of an unseen one."""
        labels = ClickLabels("pbm")
        variance = labels.deviation(view) ** 2
        known = 1 - variance.mean(axis=1) / labels.prior_deviation(view) ** 2
        weight = np.nan_to_num(known).clip(min=0)  # 0: not in the log
        return Curriculum(Stage(Objective(softmax_loss, view.labels(labels), weight)))
