"""Grades, each a step higher on the ranker's scale, with how sure the judge was and how often it errs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from benchmark.training.clicks.calibration import Scale


class GradeLikelihood(torch.nn.Module):
    """l = -(1 / m) sum_i w_i sum_g y_ig log P(g | s_i) over the m documents of a list that are graded.

    P(grade >= g | s) = sigmoid(s - t_g), thresholds t_1 < ... < t_G learned with the ranker, s scaled (the proportional
    odds model, McCullagh, Journal of the Royal Statistical Society B 42, 1980). Shapes: scores [batch, L], labels
    [batch, L, G + 1] -> [batch]: y, the judge's probabilities of the grades 0 to G times a weight w (its confidence);
    all 0 where a document has no grade.

    `confusion` [G + 1, G + 1], T_gh = P(the judge says h | the grade is g), makes the loss one of what the judge
    says: P(h | s) = sum_g T_gh P(g | s). Its minimum is then that of the loss on clean grades. Source: forward
    correction, Patrini et al., Making Deep Neural Networks Robust to Label Noise, CVPR 2017. Raises `ValueError` if its
    rows are no probabilities, and for fewer than two `grades` (G + 1).
    """

    confusion: torch.Tensor

    def __init__(self, grades: int, confusion: npt.ArrayLike | None = None) -> None:
        super().__init__()
        if grades < 2:
            raise ValueError(f"a likelihood of grades needs two of them at least, got {grades}")
        self.scale = Scale()
        self.first = torch.nn.Parameter(torch.tensor(-1.0))
        self.steps = torch.nn.Parameter(torch.zeros(grades - 2))
        matrix = np.eye(grades) if confusion is None else np.asarray(confusion, dtype=np.float64)
        if matrix.shape != (grades, grades) or (matrix < 0).any() or not np.allclose(matrix.sum(axis=1), 1):
            raise ValueError(f"confusion must be [{grades}, {grades}] with rows that sum to 1, got {matrix.tolist()}")
        self.register_buffer("confusion", torch.from_numpy(matrix))

    @property
    def thresholds(self) -> torch.Tensor:
        """t_1 < ... < t_G [G]."""
        steps = torch.nn.functional.softplus(self.steps)
        return torch.cat([self.first[None], self.first + steps.cumsum(0)])

    def probabilities(self, scores: torch.Tensor) -> torch.Tensor:
        """P(h | s) [..., G + 1] of what the judge says, of scores [...]; in float64, since 1 - sigmoid(17) needs it."""
        above = torch.sigmoid((self.scale(scores)[..., None] - self.thresholds).double())
        ends = torch.ones_like(above[..., :1])
        return (torch.cat([ends, above], -1) - torch.cat([above, 0 * ends], -1)) @ self.confusion

    def forward(self, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The loss of each query."""
        log_p = self.probabilities(scores).clamp_min(1e-15).log().to(scores.dtype)
        graded = (labels.sum(dim=2) > 0).sum(dim=1)
        return -(labels * log_p).sum(dim=(1, 2)) / graded.clamp_min(1)
