"""Inverse propensity scoring: each click weighs one over the probability that its rank was examined."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from benchmark.training.clicks.affine import AffineListwise, AffinePointwise
from benchmark.training.clicks.calibration import Scale
from benchmark.training.clicks.counts import unpack
from benchmark.training.clicks.page_softmax import page_log_softmax

Floats = npt.NDArray[np.float64]


class IpsListwise(AffineListwise):
    """l = -(1/f) sum_lk c_lk / max(theta_k, clip) log p_l, p as in `page_log_softmax`.

    `examination` is theta [K]. Without clipping, its expectation under a position-based user is the loss on the
    attractions themselves. Shapes: scores [batch, L], counts [batch, L, K, 2] -> [batch]. Source: Joachims, Swaminathan
    and Schnabel, Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017.
    """

    def __init__(self, examination: Floats, clip: float = 0.1) -> None:
        super().__init__(examination, np.zeros_like(examination), clip)


class IpsPointwise(AffinePointwise):
    """l = -(1/f) sum_lk w_lk log sigmoid(s_l) + (n_lk - w_lk) log(1 - sigmoid(s_l)), w_lk = c_lk / max(theta_k, clip).

    `examination` is theta [K]; s is calibrated. Unbounded below where r_l = sum_k w_lk is above n_l; only the
    parameters that queries share and early stopping bound it. Shapes: scores [batch, L], counts [batch, L, K, 2] ->
    [batch]. Source: the unbiased pointwise loss of Saito et al., WSDM 2020, with the propensities of ranks.
    """

    def __init__(self, examination: Floats, clip: float = 0.1) -> None:
        super().__init__(examination, np.zeros_like(examination), clip)


class PolicyAwareListwise(torch.nn.Module):
    """l = -sum_l c_l / (f max(rho_l, clip)) log p_l, rho_l = (1/f) sum_k n_lk theta_k, p the softmax over all shown.

    rho_l is the share of the query's sessions that examined l, by where the changing ranking put it in them: a document
    that often lay below the page is corrected for that too. The source takes the probabilities of the policy; the log
    tells those placements alone that came about, so a document that was never shown stays uncorrected, and of a query
    with one session only the rank is. `examination` is theta [K]. Shapes: scores [batch, L], counts [batch, L, K, 2] ->
    [batch]. Source: Oosterhuis and de Rijke, Policy-Aware Unbiased Learning to Rank for Top-k Rankings, SIGIR 2020.
    """

    examination: torch.Tensor

    def __init__(self, examination: Floats, clip: float = 0.05) -> None:
        super().__init__()
        self.clip = clip
        self.scale = Scale()
        self.register_buffer("examination", torch.as_tensor(examination).float())

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        examined = per_session[:, None] * (impressions @ self.examination)
        relevant = per_session[:, None] * clicks.sum(dim=2) / examined.clamp_min(self.clip)
        shown = impressions.sum(dim=2) > 0
        log_probability = torch.log_softmax(torch.where(shown, self.scale(scores), -1e30), dim=1)
        return -(relevant * torch.where(shown, log_probability, 0.0)).sum(dim=1)


class SnipsListwise(torch.nn.Module):
    """l = -(1/Z) sum_l w_l log p_l, w_l = (1/f) sum_k c_lk / theta_k, Z the mean over the batch of sum_l w_l.

    p is as in `page_log_softmax`. The weights of a batch have mean 1 whatever they are, so nothing is clipped (theta
    below 1e-4 counts as that) and a constant factor in theta changes nothing: less variance for a little bias. (Were
    each query normalised by itself, one with a single click would not be corrected at all.) A query without a click has
    loss 0. Shapes: scores [batch, L], counts [batch, L, K, 2] -> [batch]. Source: Swaminathan and Joachims, The
    Self-Normalized Estimator for Counterfactual Learning, NeurIPS 2015, which normalises over the sample.
    """

    examination: torch.Tensor

    def __init__(self, examination: Floats) -> None:
        super().__init__()
        self.scale = Scale()
        self.register_buffer("examination", torch.as_tensor(examination).float())

    def forward(self, scores: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        impressions, clicks, per_session = unpack(counts)
        weighted = per_session[:, None] * (clicks / self.examination.clamp_min(1e-4)).sum(dim=2)
        mean = weighted.sum(dim=1).mean()
        target = weighted / torch.where(mean > 0, mean, 1.0)
        return -(target * page_log_softmax(self.scale(scores), impressions)).sum(dim=1)
