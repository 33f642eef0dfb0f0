"""Whole rankings."""

from __future__ import annotations

import torch


def ranking_loss(scores: torch.Tensor, ranks: torch.Tensor) -> torch.Tensor:
    """l = -(1 / m) sum_i log(exp s_i / sum_{j: r_j >= r_i} exp s_j): the m documents are drawn one after another.

    Shapes: scores and ranks [batch, L] -> [batch]; rank r 1 is the best, means of several rankings are welcome, NaN
    leaves a document out. Documents of equal rank are in each other's sums, as if each were drawn first (Breslow's
    likelihood of ties); a list whose documents are all of one rank has no order, and loss 0. Sources: ListMLE, Xia
    et al., ICML 2008; Plackett, 1975.
    """
    ranked = ~torch.isnan(ranks)
    place = torch.where(ranked, ranks, -1.0)
    remains = (place[:, None, :] >= place[:, :, None]) & ranked[:, None, :]
    later = torch.where(remains, scores[:, None, :], -1e30).logsumexp(dim=2)
    count = ranked.sum(dim=1)
    has_order = place.amax(dim=1) > torch.where(ranked, place, torch.inf).amin(dim=1)
    loss = torch.where(ranked, later - scores, 0.0).sum(dim=1) / count.clamp_min(1)
    return torch.where(has_order, loss, 0.0)
