"""Every training strategy is a curriculum: stages in order, each a weighted sum of objectives.

One supervision is one stage with one objective; multi-objective learning (FAMOL) is one stage with several objectives
weighted per query; data scheduling is several stages, each on the queries it wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

# scores [batch, L], labels of the batch -> loss of each query [batch]. A `torch.nn.Module` with parameters (an
# examination tower, say) is a loss too: its parameters are trained together with the ranker's.
Loss = Callable[[torch.Tensor, Any], torch.Tensor]
Floats = npt.NDArray[np.float64]


class Rows(Protocol):
    """Labels that are no dense array: `shape` begins with [n, L], and `labels[rows]` is what the loss is given."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Questions, list, and whatever else."""
        ...

    def __getitem__(self, rows: torch.Tensor) -> Any:
        """The labels of the questions at `rows` [batch]."""
        ...


@dataclass(frozen=True)
class Objective:
    """A loss on the labels of n training queries; `weight` is [n] or one number for all.

    `labels` [n, L] are at least 0, NaN where a pair has none; `labels` [n, L, ...], such as counts by rank
    (`TrainingView.click_counts`), are finite; what is no dense array is `Rows`, such as pairs of clicked and unclicked
    documents (`TrainingView.click_pairs`).
    """

    loss: Loss
    labels: Floats | Rows
    weight: Floats | float = 1.0

    def __post_init__(self) -> None:
        if not callable(self.loss) or not hasattr(self.labels, "shape"):
            told = f"{type(self.loss).__name__}, {type(self.labels).__name__}"
            raise ValueError(f"an objective is a loss and an array of labels: Objective(loss, labels), got ({told})")
        if isinstance(self.labels, torch.Tensor | pd.DataFrame):
            told = f"{type(self.labels).__name__}"
            raise ValueError(f"labels are a numpy array, or `Rows`; make one of the {told} that was given")
        if len(self.labels.shape) < 2:
            raise ValueError(f"labels must be [queries, list] or [queries, list, ...], got shape {self.labels.shape}")
        weight = np.asarray(self.weight, dtype=np.float64)
        if weight.shape not in ((), self.labels.shape[:1]):
            raise ValueError(f"weight must be one number or [{self.labels.shape[0]}], got shape {weight.shape}")
        if not np.isfinite(weight).all() or (weight < 0).any():
            raise ValueError("weights must be finite and not negative")
        if not isinstance(self.labels, np.ndarray):
            return
        if self.labels.ndim == 2 and (np.isinf(self.labels).any() or (self.labels < 0).any()):
            raise ValueError("labels must be finite and not negative; NaN marks a pair without a label")
        if self.labels.ndim > 2 and not np.isfinite(self.labels).all():
            raise ValueError("labels of more than one number for each pair must be finite")

    @property
    def query_weight(self) -> Floats:
        """The weight of each query [n]."""
        return np.broadcast_to(np.asarray(self.weight, dtype=np.float64), self.labels.shape[:1])

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """Which queries [n] have a label: one that is not NaN, or of labels [n, L, ...] one that is not 0."""
        if not isinstance(self.labels, np.ndarray):
            return np.ones(self.labels.shape[0], dtype=bool)
        given = ~np.isnan(self.labels) if self.labels.ndim == 2 else self.labels != 0
        return np.asarray(given.any(axis=tuple(range(1, given.ndim))))


@dataclass(frozen=True, init=False)
class Stage:
    """Objectives that are trained together, at most `epochs` times over the queries that they label and weigh above 0.

    The number of epochs that are kept is chosen on the dev questions; it is 0 where the stage began with a ranker that
    is at least as good on these.
    """

    objectives: tuple[Objective, ...]
    epochs: int

    def __init__(self, *objectives: Objective, epochs: int = 40) -> None:
        if not objectives:
            raise ValueError("a stage needs an objective")
        for each in objectives:
            if not isinstance(each, Objective):
                raise ValueError(f"a stage is of objectives: Stage(Objective(...), ...), got {type(each).__name__}")
        if len({objective.labels.shape[:2] for objective in objectives}) > 1:
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
        for each in stages:
            if not isinstance(each, Stage):
                raise ValueError(f"a curriculum is of stages: Curriculum(Stage(...), ...), got {type(each).__name__}")
        object.__setattr__(self, "stages", stages)
