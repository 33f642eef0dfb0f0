"""The ranker of the `features` track: one hidden layer over frozen features, the same for every system."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyterrier as pt
import torch

from benchmark.errors import SystemFault
from benchmark.training.curriculum import Curriculum, Stage
from benchmark.training.view import DevView, TrainingView

Inputs = Callable[[npt.NDArray[np.str_], npt.NDArray[np.str_]], npt.NDArray[np.float32]]
"""qids [n] and docnos [n] of pairs -> features [n, F]."""


class _Network(torch.nn.Module):
    """s(x) = a . x + v . relu(W x + b) on standardised x, with dropout on the hidden layer."""

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, mean: torch.Tensor, scale: torch.Tensor, hidden: int, dropout: float, start: int | None) -> None:
        super().__init__()
        size = len(mean)
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.wide = torch.nn.Linear(size, 1, bias=False)
        torch.nn.init.zeros_(self.wide.weight)
        last = torch.nn.Linear(hidden, 1)
        self.deep = torch.nn.Sequential(torch.nn.Linear(size, hidden), torch.nn.ReLU(), torch.nn.Dropout(dropout), last)
        if start is not None:  # then the first epoch refines that feature's ranking instead of a random one
            with torch.no_grad():
                self.wide.weight[0, start] = 2.0
            torch.nn.init.zeros_(last.weight)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Scores [...] of features [..., F]."""
        standard = (features - self.mean) / self.scale
        scores: torch.Tensor = (self.wide(standard) + self.deep(standard)).squeeze(-1)
        return scores


class ListwiseRanker(pt.Estimator):
    """Learns a curriculum; fitted, it re-ranks any PyTerrier results that hold candidates of its task.

    `start` names the column of a feature whose ranking training starts from. Adam, mini-batches of whole lists; within
    a stage, the epoch with the best dev nDCG@10 is kept, and training stops after `patience` epochs without a better
    one. Deterministic under a seed on one machine.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        start: int | None = None,
        hidden: int = 64,
        dropout: float = 0.3,
        learning_rate: float = 3e-4,
        weight_decay: float = 1e-3,
        batch: int = 64,
        patience: int = 6,
    ) -> None:
        super().__init__()
        self.inputs, self.start = inputs, start
        self.hidden, self.dropout = hidden, dropout
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.batch, self.patience = batch, patience
        self.network: _Network | None = None
        self.epochs: list[int] = []

    def fit_curriculum(self, curriculum: Curriculum, view: TrainingView) -> ListwiseRanker:
        """Train through the stages on the view's lists; returns itself, fitted."""
        features = self._lists(view.qids, view.docnos)
        dev = self._lists(view.dev.qids, view.dev.docnos)
        flat = features.flatten(0, 1)
        torch.manual_seed(view.seed)
        self.network = _Network(flat.mean(0), flat.std(0).clamp_min(1e-6), self.hidden, self.dropout, self.start)
        order = torch.Generator().manual_seed(view.seed)
        self.epochs = [self._train(stage, features, dev, view.dev, order) for stage in curriculum.stages]
        return self

    def fit(
        self, topics_or_res_tr: pd.DataFrame, qrels_tr: pd.DataFrame, topics_or_res_va: Any = None, qrels_va: Any = None
    ) -> None:
        """Not how this ranker learns: labels alone have no curriculum and no dev questions."""
        raise SystemFault("the ranker learns a curriculum from a training view: call fit_curriculum(curriculum, view)")

    def transform(self, results: pd.DataFrame) -> pd.DataFrame:
        """Re-rank results with columns qid and docno; `SystemFault` for a document that is no candidate."""
        if self.network is None:
            raise SystemFault("the ranker is not fitted; call fit_curriculum first")
        features = self.inputs(results["qid"].to_numpy(dtype=str), results["docno"].to_numpy(dtype=str))
        scores = self._scores(torch.from_numpy(features))
        return pt.model.add_ranks(results.drop(columns=["score", "rank"], errors="ignore").assign(score=scores))

    def _lists(self, qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> torch.Tensor:
        pairs = self.inputs(np.repeat(qids, docnos.shape[1]), docnos.ravel())
        return torch.from_numpy(pairs.reshape(*docnos.shape, -1))

    @torch.inference_mode()
    def _scores(self, features: torch.Tensor) -> npt.NDArray[np.float32]:
        assert self.network is not None
        self.network.eval()
        scores: npt.NDArray[np.float32] = self.network(features).numpy()
        return scores

    def _train(
        self, stage: Stage, features: torch.Tensor, dev: torch.Tensor, dev_view: DevView, order: torch.Generator
    ) -> int:
        """Train one stage; returns the number of epochs that were kept."""
        network = self.network
        assert network is not None
        objectives = [
            (
                objective.loss,
                torch.from_numpy(objective.labels).float(),
                torch.from_numpy(objective.query_weight.copy()),
            )
            for objective in stage.objectives
        ]
        used = torch.nonzero(torch.stack([weight for _, _, weight in objectives]).sum(0) > 0).squeeze(1)
        if len(used) == 0:
            raise SystemFault("a stage has no query with a weight above 0")
        optimiser = torch.optim.Adam(network.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
        best, kept, best_epoch = -1.0, copy.deepcopy(network.state_dict()), 0
        for epoch in range(1, stage.epochs + 1):
            network.train()
            for rows in torch.split(used[torch.randperm(len(used), generator=order)], self.batch):
                scores = network(features[rows])
                loss = sum(
                    ((weight[rows] * function(scores, labels[rows])).mean() for function, labels, weight in objectives),
                    start=torch.zeros(()),
                )
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
            reached = dev_view.ndcg(self._scores(dev))
            if reached > best:
                best, kept, best_epoch = reached, copy.deepcopy(network.state_dict()), epoch
            elif epoch - best_epoch >= self.patience:
                break
        network.load_state_dict(kept)
        return best_epoch
