"""Every training strategy is a curriculum: stages in order, each a weighted sum of objectives.

One supervision is one stage with one objective; multi-objective learning (FAMOL) is one stage with several objectives
weighted per query; data scheduling is several stages, each on the queries it wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

# scores [batch, L], labels [batch, L] (NaN: no label) -> loss of each query [batch]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Objective:
    """A loss on the labels of n training queries: `labels` [n, L], `weight` [n] or one number for all."""

    loss: Loss
    labels: Floats
    weight: Floats | float = 1.0

    def __post_init__(self) -> None:
        if self.labels.ndim != 2:
            raise ValueError(f"labels must be [queries, list], got shape {self.labels.shape}")
        weight = np.broadcast_to(np.asarray(self.weight, dtype=np.float64), self.labels.shape[:1])
        if not np.isfinite(weight).all() or (weight < 0).any():
            raise ValueError("weights must be finite and not negative")
        if np.isinf(self.labels).any() or (self.labels < 0).any():
            raise ValueError("labels must be finite and not negative; NaN marks a pair without a label")

    @property
    def query_weight(self) -> Floats:
        """The weight of each query [n]."""
        return np.broadcast_to(np.asarray(self.weight, dtype=np.float64), self.labels.shape[:1])


@dataclass(frozen=True, init=False)
class Stage:
    """Objectives that are trained together, at most `epochs` times over the queries they weigh above 0.

    The number of epochs that are kept is chosen on the dev questions.
    """

    objectives: tuple[Objective, ...]
    epochs: int

    def __init__(self, *objectives: Objective, epochs: int = 40) -> None:
        if not objectives:
            raise ValueError("a stage needs an objective")
        if len({objective.labels.shape for objective in objectives}) > 1:
            raise ValueError("the objectives of a stage must label the same queries and lists")
        if epochs < 1:
            raise ValueError(f"epochs must be at least 1, got {epochs}")
        object.__setattr__(self, "objectives", objectives)
        object.__setattr__(self, "epochs", epochs)


@dataclass(frozen=True, init=False)
class Curriculum:
    """Stages in order; each goes on from the ranker that the stage before it left."""

    stages: tuple[Stage, ...]

    def __init__(self, *stages: Stage) -> None:
        if not stages:
            raise ValueError("a curriculum needs a stage")
        object.__setattr__(self, "stages", stages)
