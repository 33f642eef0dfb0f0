"""From the scores of a ranker, which come on any scale, to what a likelihood needs."""

from __future__ import annotations

import math

import torch


class Scale(torch.nn.Module):
    """exp(a) s, with a learned, from a = 0: how sharp the preferences of a ranking are in this log.

    Noisy clicks prefer little, scores may prefer much; without an a of its own, a loss would spend its epochs on
    flattening the scores, whatever that does to their order. The order of documents is untouched by a.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = torch.nn.Parameter(torch.zeros(()))

    def forward(self, scores: torch.Tensor) -> torch.Tensor:
        """Scaled scores, in the shape of the scores."""
        return self.log_scale.exp() * scores


class Calibration(Scale):
    """logit = exp(a) s + b, with a and b learned, from a = 0 and b = logit(`rate`): clicks are rare."""

    def __init__(self, rate: float = 0.1) -> None:
        super().__init__()
        self.offset = torch.nn.Parameter(torch.tensor(math.log(rate / (1 - rate))))

    def forward(self, scores: torch.Tensor) -> torch.Tensor:
        """Logits, in the shape of the scores."""
        return super().forward(scores) + self.offset
