"""Affine correction of clicks, for users who trust high ranks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from benchmark.training.clicks.calibration import Calibration, Scale
from benchmark.training.clicks.counts import cross_entropy, unpack
from benchmark.training.clicks.page_softmax import page_log_softmax

Floats = npt.NDArray[np.float64]


class _Affine(torch.nn.Module):
    slope: torch.Tensor
    offset: torch.Tensor

    def __init__(self, slope: Floats, offset: Floats, clip: float) -> None:
        super().__init__()
        self.register_buffer("slope", torch.as_tensor(slope).float().clamp_min(clip))
        self.register_buffer("offset", torch.as_tensor(offset).float())

    def corrected(self, impressions: torch.Tensor, clicks: torch.Tensor) -> torch.Tensor:
        """sum_k (c_lk - beta_k n_lk) / max(alpha_k, clip) [batch, L]; unclipped, its expectation is n_l R_l."""
        return ((clicks - self.offset * impressions) / self.slope).sum(dim=2)


class AffineListwise(_Affine):
    """l = -(1/f) sum_l r_l log p_l, r_l = sum_k (c_lk - beta_k n_lk) / max(alpha_k, clip), p `page_log_softmax` of s.

    Where P(click | l, k) = alpha_k R_l + beta_k, the expectation of r_l is n_l R_l: position bias is in alpha, trust in
    both. s is scaled. `slope` is alpha [K], `offset` beta [K]. Unbounded below where r_l is negative; only the
    parameters that queries share and early stopping bound it. Shapes: scores [batch, L], counts [batch, L, K, 2] ->
    [batch]. Source: Vardasbi, Oosterhuis and de Rijke, When Inverse Propensity Scoring does not Work, CIKM 2020.
    """

    def __init__(self, slope: Floats, offset: Floats, clip: float = 0.1) -> None:
        super().__init__(slope, offset, clip)
        self.scale = Scale()

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        return -per_session * (
            self.corrected(impressions, clicks) * page_log_softmax(self.scale(scores), impressions)
        ).sum(dim=1)


class AffinePointwise(_Affine):
    """l = -(1/f) sum_l r_l log sigmoid(s_l) + (n_l - r_l) log(1 - sigmoid(s_l)), r as in `AffineListwise`.

    s is calibrated. The expectation is the cross entropy of relevance itself on what was shown. Unbounded below where
    r_l is negative or above n_l; only the parameters that queries share and early stopping bound it. Shapes: scores
    [batch, L], counts [batch, L, K, 2] -> [batch].
    """

    def __init__(self, slope: Floats, offset: Floats, clip: float = 0.1) -> None:
        super().__init__(slope, offset, clip)
        self.calibration = Calibration()

    def relevance(self, scores: torch.Tensor) -> torch.Tensor:
        """sigmoid(s), in the shape of the scores."""
        return torch.sigmoid(self.calibration(scores))

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        relevant = self.corrected(impressions, clicks)
        return per_session * cross_entropy(self.calibration(scores), relevant, impressions.sum(dim=2) - relevant)
