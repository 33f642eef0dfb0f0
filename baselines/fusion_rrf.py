"""Fusion of rankings instead of labels."""

from __future__ import annotations

import pyterrier as pt

from baselines.clicks_pbm import ClicksPbm
from baselines.llm_pointwise import LlmPointwise
from benchmark import ReciprocalRank, System, TrainingView, system


@system("fusion-rrf", family="fusion", cite="cormack2009reciprocal")
class FusionRrf(System):
    """Reciprocal rank fusion (k 60) of the rankings of clicks-pbm and llm-pointwise."""

    dev_choices = ("epochs", "temperature of LLM labels")

    k: float = 60.0

    def fit(self, view: TrainingView) -> pt.Transformer:
        """Fit both, then add their reciprocal ranks."""
        clicks, llm = ClicksPbm().fit(view), LlmPointwise().fit(view)
        return (clicks >> ReciprocalRank(self.k)) + (llm >> ReciprocalRank(self.k))
