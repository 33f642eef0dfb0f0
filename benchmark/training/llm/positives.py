"""Lists of which some documents were selected, not all of them rightly."""

from __future__ import annotations

import torch


def summed_positives_loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """l = -log(sum_i y_i exp s_i / sum_j exp s_j): the probability that the one document drawn is a positive one.

    Shapes: scores and labels [batch, L] -> [batch]; y in [0, 1], NaN leaves a document out, a list without a positive
    has loss 0. `softmax_loss` asks each positive to be likely; this one asks it of their sum, so that the ranker may
    give up a positive that it does not believe. Source: the marginal likelihood of noisy positives, called SumMargLH in
    Zhang et al., Utility-Focused LLM Annotation for Retrieval and Retrieval-Augmented Generation, arXiv 2504.05220;
    without weights it is the summed marginal likelihood over possible positives of Lee et al., ACL 2019.
    """
    labelled = ~torch.isnan(labels)
    positive = labelled & (labels > 0)
    weight = torch.where(positive, labels, 1.0).log()
    inside = torch.where(positive, scores + weight, -1e30).logsumexp(dim=1)
    whole = torch.where(labelled, scores, -1e30).logsumexp(dim=1)
    return torch.where(positive.any(dim=1), whole - inside, 0.0)
