"""Pairs of documents of which one was preferred."""

from __future__ import annotations

import torch

from benchmark.training.clicks.calibration import Scale


class RankNet(torch.nn.Module):
    """l = -sum_ij w_ij (p_ij log q_ij + (1 - p_ij) log(1 - q_ij)) / sum_ij w_ij, q_ij = sigmoid(s_i - s_j), s scaled.

    Shapes: scores [batch, L], labels [batch, L, L, 2] -> [batch]: p_ij, the preference of i over j in [0, 1], and its
    weight w_ij >= 0, 0 where the pair was not asked about. A list without a pair has loss 0. Source: Burges et al.,
    Learning to Rank using Gradient Descent, ICML 2005, section 3.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scale = Scale()

    def forward(self, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        scores = self.scale(scores)
        difference = scores[:, :, None] - scores[:, None, :]
        preference, weight = labels.unbind(dim=-1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(difference, preference, weight, reduction="none")
        total = weight.sum(dim=(1, 2))
        return loss.sum(dim=(1, 2)) / torch.where(total > 0, total, 1.0)
