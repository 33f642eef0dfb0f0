"""The softmax of listwise losses on counts."""

from __future__ import annotations

import torch


def page_log_softmax(scores: torch.Tensor, impressions: torch.Tensor) -> torch.Tensor:
    """log p_l = s_l - log sum_j (n_j / f) exp s_j: a document against the average page of its query.

    Shapes: scores [batch, L], impressions [batch, L, K] -> [batch, L], 0 where nothing was shown. n_j / f is the share
    of the query's f sessions that showed j. Where all of them showed the same documents, this is the softmax over the
    page; otherwise it keeps a document from counting as passed over in sessions that never showed it.
    """
    shown = impressions.sum(dim=2)
    sessions = impressions[..., 0].sum(dim=1, keepdim=True).clamp_min(1)
    # A large negative number, not -inf: the gradient of a query that was never shown would be NaN.
    mass = torch.where(shown > 0, scores + (shown / sessions).clamp_min(1e-30).log(), -1e30)
    return torch.where(shown > 0, scores - torch.logsumexp(mass, dim=1, keepdim=True), 0.0)
