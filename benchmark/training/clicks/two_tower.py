"""Two towers: what the rank adds to a click, beside what the document does."""

from __future__ import annotations

import torch

from benchmark.training.clicks.calibration import Calibration
from benchmark.training.clicks.counts import cross_entropy, unpack


class TwoTower(torch.nn.Module):
    """Cross entropy of clicks with P(c | l, k) = sigmoid(s_l + b_k): l = -(1/f) sum_lk log P; b_1 = 0, b learned.

    s is calibrated; only the document's tower ranks. Examination and relevance add up as logits, so a document that no
    one would click gains little from rank 1; a position-based user multiplies instead (`RegressionEm`; PAL: Guo et al.,
    RecSys 2019). `ranks` is K. Shapes: scores [batch, L], counts [batch, L, K, 2] -> [batch].
    """

    def __init__(self, ranks: int) -> None:
        super().__init__()
        self.calibration = Calibration()
        self.tower = torch.nn.Parameter(torch.zeros(ranks - 1))

    @property
    def bias(self) -> torch.Tensor:
        """b [K]."""
        return torch.cat([torch.zeros(1), self.tower])

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        logits = self.calibration(scores)[..., None] + self.bias
        return per_session * cross_entropy(logits, clicks, impressions - clicks)
