"""The doubly robust estimate of relevance: a regression, corrected by what the clicks say against it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from benchmark.training.clicks.calibration import Calibration, Scale
from benchmark.training.clicks.counts import cross_entropy

Floats = npt.NDArray[np.float64]


def doubly_robust_evidence(counts: Floats, examination: Floats, imputed: Floats) -> Floats:
    """Imputed R, residual (1/f) sum_k (c_k - theta_k n_k R), rho = (1/f) sum_k theta_k n_k of each candidate [n, L, 3].

    `counts` [n, L, K, 2], `examination` theta [K], `imputed` R [n, L]. A document that was never shown has residual and
    rho 0.
    """
    impressions, clicks = counts[..., 0], counts[..., 1]
    sessions = np.maximum(impressions[..., 0].sum(axis=1, keepdims=True), 1)
    examined = impressions @ examination / sessions
    return np.stack([imputed, clicks.sum(axis=2) / sessions - examined * imputed, examined], axis=-1)


def doubly_robust_relevance(evidence: torch.Tensor, clip: float) -> torch.Tensor:
    """r = R + residual / max(rho, clip) [batch, L] of evidence [batch, L, 3]; it may lie outside [0, 1].

    With the right theta, r is unbiased under a position-based user where rho is not clipped, whatever R is, and where R
    is right, whatever the residual is divided by. Source: Oosterhuis, Doubly Robust Estimation for Correcting Position
    Bias in Click Feedback for Unbiased Learning to Rank, TOIS 2023.
    """
    imputed, residual, examined = evidence.unbind(dim=-1)
    return imputed + residual / examined.clamp_min(clip)


class DoublyRobustListwise(torch.nn.Module):
    """l = -sum_l r_l log softmax(s)_l, r = `doubly_robust_relevance`, s scaled; over all L candidates, shown or not.

    Unbounded below where an r_l is negative; only the parameters that queries share and early stopping bound it.
    Shapes: scores [batch, L], evidence [batch, L, 3] of `doubly_robust_evidence` -> [batch].
    """

    def __init__(self, clip: float = 0.1) -> None:
        super().__init__()
        self.clip = clip
        self.scale = Scale()

    def forward(self, scores: torch.Tensor, evidence: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        relevant = doubly_robust_relevance(evidence, self.clip)
        return -(relevant * torch.log_softmax(self.scale(scores), dim=1)).sum(dim=1)


class DoublyRobustPointwise(torch.nn.Module):
    """l = -sum_l r_l log sigmoid(s_l) + (1 - r_l) log(1 - sigmoid(s_l)), r = `doubly_robust_relevance`, s calibrated.

    Unbounded below where an r_l is outside [0, 1]; only the parameters that queries share and early stopping bound it.
    Shapes: scores [batch, L], evidence [batch, L, 3] of `doubly_robust_evidence` -> [batch].
    """

    def __init__(self, clip: float = 0.1) -> None:
        super().__init__()
        self.clip = clip
        self.calibration = Calibration(rate=0.2)

    def forward(self, scores: torch.Tensor, evidence: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        relevant = doubly_robust_relevance(evidence, self.clip)
        return cross_entropy(self.calibration(scores), relevant, 1 - relevant)
