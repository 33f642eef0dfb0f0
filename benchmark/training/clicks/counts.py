"""What all losses on counts share: how counts are laid out, and what a session is."""

from __future__ import annotations

import torch


def unpack(counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Impressions n [batch, L, K], clicks c [batch, L, K] and 1 / f [batch] of counts [batch, L, K, 2].

    f = sum_l n_l1: a page has one document at rank 1, so that is the number of pages shown. 1 / f is 0 for a query that
    was never shown: its loss is 0.
    """
    impressions, clicks = counts.unbind(dim=-1)
    sessions = impressions[..., 0].sum(dim=1)
    return impressions, clicks, torch.where(sessions > 0, 1 / sessions.clamp_min(1), 0.0)


def cross_entropy(logits: torch.Tensor, positive: torch.Tensor, negative: torch.Tensor) -> torch.Tensor:
    """Sum of positive * -log sigmoid(logit) + negative * -log(1 - sigmoid(logit)) of each query [batch]."""
    loss = positive * torch.nn.functional.softplus(-logits) + negative * torch.nn.functional.softplus(logits)
    return loss.flatten(start_dim=1).sum(dim=1)
