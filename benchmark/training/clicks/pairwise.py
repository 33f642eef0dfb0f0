"""Pairwise debiasing: two ratios for each rank, learned with the ranker."""

from __future__ import annotations

import torch

from benchmark.training.clicks.calibration import Scale
from benchmark.training.clicks.pairs import PairBatch


class PairwiseDebiased(torch.nn.Module):
    """l = (1/f) sum_pairs log(1 + exp(s_j - s_i)) / (t+_k t-_m): i clicked at rank k, j unclicked at m of that page.

    t+_k = (A_k / A_1)^(1/(1+p)), A_k = sum of log(1 + exp(s_j - s_i)) / t-_m over pairs clicked at k; t- likewise from
    t+ and the rank m; ratios to rank 1 stay within [0.01, 100]. s is scaled. A is a running mean over batches, each
    divided by its mean over the ranks and keeping `decay` of what was before. `ranks` is K; `p` is the norm that keeps
    t small, 0 for full correction. Shapes: scores [batch, L], a `PairBatch` -> [batch]. Source: Hu et al., Unbiased
    LambdaMART: An Unbiased Pairwise Learning-to-Rank Algorithm, WWW 2019.
    """

    clicked_mass: torch.Tensor
    unclicked_mass: torch.Tensor

    def __init__(self, ranks: int, p: float = 0.0, decay: float = 0.95) -> None:
        super().__init__()
        self.power, self.decay = 1 / (1 + p), decay
        self.scale = Scale()
        self.register_buffer("clicked_mass", torch.ones(ranks))
        self.register_buffer("unclicked_mass", torch.ones(ranks))

    @property
    def clicked_ratio(self) -> torch.Tensor:
        """t+ [K]."""
        return self._ratio(self.clicked_mass)

    @property
    def unclicked_ratio(self) -> torch.Tensor:
        """t- [K]."""
        return self._ratio(self.unclicked_mass)

    def _ratio(self, mass: torch.Tensor) -> torch.Tensor:
        return (mass / mass[0].clamp_min(1e-9)).clamp(1e-2, 1e2) ** self.power

    def forward(self, scores: torch.Tensor, pairs: PairBatch) -> torch.Tensor:
        """The loss of each query; in training, the ratios move."""
        scores = self.scale(scores)
        difference = scores[pairs.query, pairs.winner] - scores[pairs.query, pairs.loser]
        loss = pairs.count * torch.nn.functional.softplus(-difference)
        clicked, unclicked = self.clicked_ratio[pairs.winner_rank], self.unclicked_ratio[pairs.loser_rank]
        total = torch.zeros(len(scores)).index_add(0, pairs.query, loss / (clicked * unclicked))
        if self.training:
            self._move(self.clicked_mass, pairs.winner_rank, loss.detach() / unclicked)
            self._move(self.unclicked_mass, pairs.loser_rank, loss.detach() / clicked)
        return total / pairs.sessions.clamp_min(1)

    def _move(self, mass: torch.Tensor, rank: torch.Tensor, loss: torch.Tensor) -> None:
        batch = torch.zeros_like(mass).index_add(0, rank, loss)
        mass.mul_(self.decay).add_(batch / batch.mean().clamp_min(1e-9), alpha=1 - self.decay)
