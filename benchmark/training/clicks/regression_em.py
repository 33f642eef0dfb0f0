"""Regression-EM: examination by rank and relevance by the ranker, from one likelihood."""

from __future__ import annotations

import torch

from benchmark.training.clicks.calibration import Calibration
from benchmark.training.clicks.counts import cross_entropy, unpack


class RegressionEm(torch.nn.Module):
    """Expected complete log-likelihood of P(c | l, k) = theta_k r_l, r_l = sigmoid(s_l), s calibrated, theta_1 = 1.

    E, at the present parameters: an unclicked document was relevant with probability r (1 - theta) / (1 - theta r),
    examined with theta (1 - r) / (1 - theta r). M: a gradient step on both cross entropies, theta's and r's. By
    Fisher's identity that is a gradient step on the likelihood of the log. `ranks` is K.
    Shapes: scores [batch, L], counts [batch, L, K, 2] -> [batch]. Source: Wang et al., Position Bias Estimation for
    Unbiased Learning to Rank in Personal Search, WSDM 2018 (who take full M steps with boosted trees).
    """

    def __init__(self, ranks: int) -> None:
        super().__init__()
        self.calibration = Calibration(rate=0.2)
        start = 1 / torch.arange(2, ranks + 1)
        self.tower = torch.nn.Parameter(torch.logit(start))

    @property
    def examination(self) -> torch.Tensor:
        """theta [K]."""
        return torch.cat([torch.ones(1), torch.sigmoid(self.tower)])

    def relevance(self, scores: torch.Tensor) -> torch.Tensor:
        """r, in the shape of the scores."""
        return torch.sigmoid(self.calibration(scores))

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        logits = self.calibration(scores)
        with torch.no_grad():
            relevance, examination = torch.sigmoid(logits)[..., None], self.examination
            missed = (impressions - clicks) / (1 - relevance * examination).clamp_min(1e-6)
            relevant = clicks + missed * relevance * (1 - examination)
            examined = clicks + missed * examination * (1 - relevance)
        relevance_loss = cross_entropy(logits, relevant.sum(dim=2), (impressions - relevant).sum(dim=2))
        below = slice(1, None)  # rank 1 is always examined
        examination_loss = cross_entropy(
            self.tower.expand(len(scores), -1),
            examined[..., below].sum(dim=1),
            (impressions - examined)[..., below].sum(dim=1),
        )
        return per_session * (relevance_loss + examination_loss)
