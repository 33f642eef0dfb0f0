"""Clicks as if they were relevance: what every correction must beat."""

from __future__ import annotations

import torch

from benchmark.training.clicks.calibration import Calibration, Scale
from benchmark.training.clicks.counts import cross_entropy, unpack
from benchmark.training.clicks.page_softmax import page_log_softmax


class NaiveListwise(torch.nn.Module):
    """Softmax cross entropy on clicks: l = -(1/f) sum_l c_l log p_l, p the `page_log_softmax` of s, s scaled.

    Shapes: scores [batch, L], counts [batch, L, K, 2] -> [batch]. A session without a click adds nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scale = Scale()

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        return -per_session * (clicks.sum(dim=2) * page_log_softmax(self.scale(scores), impressions)).sum(dim=1)


class NaivePointwise(torch.nn.Module):
    """Cross entropy on clicks: l = -(1/f) sum_l c_l log sigmoid(s_l) + (n_l - c_l) log(1 - sigmoid(s_l)), s calibrated.

    Shapes: scores [batch, L], counts [batch, L, K, 2] -> [batch].
    """

    def __init__(self) -> None:
        super().__init__()
        self.calibration = Calibration()

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        clicked = clicks.sum(dim=2)
        return per_session * cross_entropy(self.calibration(scores), clicked, impressions.sum(dim=2) - clicked)
