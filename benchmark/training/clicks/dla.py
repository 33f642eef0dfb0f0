"""The dual learning algorithm: ranker and examination correct each other's clicks."""

from __future__ import annotations

import torch

from benchmark.training.clicks.calibration import Scale
from benchmark.training.clicks.counts import unpack
from benchmark.training.clicks.page_softmax import page_log_softmax


class DualLearning(torch.nn.Module):
    """l = -(1/f) sum_lk c_lk (q_1 / q_k) log p_l  -  (1/f) sum_lk c_lk (p_* / p_l) log q_k.

    p is `page_log_softmax` of the scores, q the softmax of K learned numbers; q_1 / q_k and p_* / p_l are constants to
    the gradient, at most `clip`. The first sum trains the ranker on clicks weighted by inverse examination, the second
    the examination on clicks weighted by inverse relevance. p_*, the reference, is the mean p of what the query's
    sessions showed at rank 1 (in the paper: of the session's own first document, which counts do not tell).
    Shapes: scores [batch, L], counts [batch, L, K, 2] -> [batch]. Source: Ai et al., Unbiased Learning to Rank with
    Unbiased Propensity Estimation, SIGIR 2018.
    """

    def __init__(self, ranks: int, clip: float = 10.0) -> None:
        super().__init__()
        self.clip = clip
        self.scale = Scale()
        self.tower = torch.nn.Parameter(torch.zeros(ranks))

    @property
    def examination(self) -> torch.Tensor:
        """q_k / q_1 [K]."""
        return (self.tower - self.tower[0]).exp()

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        log_relevance = page_log_softmax(self.scale(scores), impressions)
        log_examination = torch.log_softmax(self.tower, dim=0)
        with torch.no_grad():
            by_rank = (log_examination[0] - log_examination).exp().clamp_max(self.clip)
            first = per_session[:, None] * impressions[..., 0]
            reference = (first * log_relevance.exp()).sum(dim=1, keepdim=True)
            by_document = (reference * (-log_relevance).exp()).clamp_max(self.clip)
        ranking = ((clicks @ by_rank) * log_relevance).sum(dim=1)
        propensity = (torch.einsum("blk,bl->bk", clicks, by_document) * log_examination).sum(dim=1)
        return -per_session * (ranking + propensity)
