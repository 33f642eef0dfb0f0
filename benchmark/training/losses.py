"""Listwise losses."""

from __future__ import annotations

import torch


def softmax_loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Softmax cross entropy of each list: l = -sum_i (y_i / sum_j y_j) log(exp s_i / sum_j exp s_j).

    Shapes: scores and labels [batch, L] -> [batch]. A document with a NaN label is left out of both sums; a list whose
    labels sum to 0 has loss 0. The labels are normalised within a list, so every query counts the same and the weights
    of objectives mean what they say. Source: the softmax loss of Bruch et al., ICTIR 2019, and with labels
    y = exp(g) the top-one loss of ListNet, Cao et al., ICML 2007, section 4.
    """
    labelled = ~torch.isnan(labels)
    target = torch.where(labelled, labels, 0.0)
    total = target.sum(dim=1, keepdim=True)
    target = target / torch.where(total > 0, total, 1.0)
    # A large negative number, not -inf: the gradient of a list without any label would be NaN.
    log_probability = torch.log_softmax(torch.where(labelled, scores, -1e30), dim=1)
    return -(target * torch.where(labelled, log_probability, 0.0)).sum(dim=1)
