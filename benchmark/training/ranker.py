"""The ranker of the `features` track: one hidden layer over frozen features, the same for every system."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyterrier as pt
import torch

from benchmark.errors import SystemFault
from benchmark.training.curriculum import Curriculum, Loss, Stage
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

    `start` names the column of a feature whose ranking training starts from. AdamW (Loshchilov & Hutter, ICLR 2019) on
    mini-batches of whole lists. Query weights count relative to each other: they are divided by their mean over the
    lists of a stage, summed over its objectives, so that a constant factor changes nothing. An epoch is one pass over
    the lists that a stage has labels for, in as many steps as `batch` of all lists at a time would take, or one list a
    step: with fewer labels a batch is smaller, and not the number of steps. Within a stage the epoch with the best dev
    nDCG@10 is kept, none if the stage began better, and training stops after `patience` epochs without a better one.
    Deterministic under a seed on one machine.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        start: int | None = None,
        hidden: int = 64,
        dropout: float = 0.3,
        learning_rate: float = 3e-4,
        loss_learning_rate: float = 3e-2,
        warm_up: int = 50,
        weight_decay: float = 1e-3,
        batch: int = 64,
        patience: int = 6,
    ) -> None:
        super().__init__()
        self.inputs, self.start = inputs, start
        self.hidden, self.dropout = hidden, dropout
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.loss_learning_rate = loss_learning_rate
        self.warm_up = warm_up
        self.batch, self.patience = batch, patience
        self.network: _Network | None = None
        self.losses: list[Loss] = []
        self.epochs: list[int] = []

    def fit_curriculum(self, curriculum: Curriculum, view: TrainingView) -> ListwiseRanker:
        """Train through the stages on the view's lists; returns itself, fitted.

        Raises `SystemFault` for labels of other lists than the view's, or without one above 0 where its query counts.
        """
        _check(curriculum, view)
        features = self._lists(view.qids, view.docnos)
        dev = self._lists(view.dev.qids, view.dev.docnos)
        flat = features.flatten(0, 1)
        torch.manual_seed(view.seed)
        self.network = _Network(flat.mean(0), flat.std(0).clamp_min(1e-6), self.hidden, self.dropout, self.start)
        order = torch.Generator().manual_seed(view.seed)
        stages = _with_copied_losses(curriculum)
        self.losses = [objective.loss for stage in stages for objective in stage.objectives]
        self.epochs = [self._train(stage, features, dev, view.dev, order) for stage in stages]
        if not any(self.epochs):
            view.note("no epoch of training was kept: none ranks the dev questions better than the start")
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

    def score_lists(self, qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
        """Scores [n, L] of the lists `docnos` [n, L] of the questions `qids` [n]."""
        if self.network is None:
            raise SystemFault("the ranker is not fitted; call fit_curriculum first")
        return self._scores(self._lists(qids, docnos))

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
        used = torch.from_numpy(np.flatnonzero(_taught(stage)))
        if len(used) == 0:
            raise SystemFault("a stage has no query with a label and a weight above 0")
        scale = sum(objective.query_weight[used].mean() for objective in stage.objectives)
        objectives = [
            (
                objective.loss,
                torch.from_numpy(np.ascontiguousarray(objective.labels)).float()
                if isinstance(objective.labels, np.ndarray)
                else objective.labels,
                torch.from_numpy(objective.query_weight / scale),
            )
            for objective in stage.objectives
        ]
        steps = min(math.ceil(len(features) / self.batch), len(used))
        modules = torch.nn.ModuleList([network, *_modules(stage)])
        groups: list[dict[str, Any]] = [{"params": network.parameters(), "weight_decay": self.weight_decay}]
        if towers := list(modules[1:].parameters()):
            groups.append({"params": towers, "lr": self.loss_learning_rate, "weight_decay": 0.0})
            self._warm_up(towers, objectives, features, used)
        optimiser = torch.optim.AdamW(groups, lr=self.learning_rate)
        at_first, before = dev_view.ndcg(self._scores(dev)), copy.deepcopy(modules.state_dict())
        best, kept, best_epoch = -1.0, before, 0
        for epoch in range(1, stage.epochs + 1):
            modules.train()
            for rows in torch.tensor_split(used[torch.randperm(len(used), generator=order)], steps):
                scores = network(features[rows])
                optimiser.zero_grad()
                batch = [(loss, labels[rows], weight[rows]) for loss, labels, weight in objectives]
                torch.autograd.backward(_loss(scores, batch))
                optimiser.step()
            reached = dev_view.ndcg(self._scores(dev))
            if reached > best:
                best, kept, best_epoch = reached, copy.deepcopy(modules.state_dict()), epoch
            elif epoch - best_epoch >= self.patience:
                break
        if best <= at_first:
            kept, best_epoch = before, 0
        modules.load_state_dict(kept)
        return best_epoch

    def _warm_up(
        self,
        towers: list[torch.nn.Parameter],
        objectives: list[tuple[Loss, Any, torch.Tensor]],
        features: torch.Tensor,
        rows: torch.Tensor,
    ) -> None:
        """Fit the losses' own parameters to the ranker as it is, by full batches of `rows`; draws no random number.

        A ranker that learns beside untrained towers unlearns: it bends its scores to make up for them.
        """
        scores = torch.from_numpy(self._scores(features[rows]))
        given = [(loss, labels[rows], weight[rows]) for loss, labels, weight in objectives]
        optimiser = torch.optim.Adam(towers, lr=0.1)
        for _ in range(self.warm_up):
            optimiser.zero_grad()
            torch.autograd.backward(_loss(scores, given))
            optimiser.step()


def _taught(stage: Stage) -> npt.NDArray[np.bool_]:
    """Which queries [n] a stage has something to learn from: in some objective a label, and a weight above 0."""
    return np.asarray(np.any([each.labelled & (each.query_weight > 0) for each in stage.objectives], axis=0))


def _loss(scores: torch.Tensor, given: list[tuple[Loss, Any, torch.Tensor]]) -> torch.Tensor:
    """The weighted sum of the losses of a batch, each a mean over its queries."""
    losses = [loss(scores, labels) for loss, labels, _ in given]
    for found in losses:
        if found.shape != scores.shape[:1]:
            raise SystemFault(f"a loss has shape {list(found.shape)}; give one number for each query, {len(scores)}")
    return torch.stack([(weight * each).mean() for each, (_, _, weight) in zip(losses, given, strict=True)]).sum()


def _modules(stage: Stage) -> list[torch.nn.Module]:
    """The losses of a stage that are modules, each once."""
    losses = (objective.loss for objective in stage.objectives)
    return list(dict.fromkeys(loss for loss in losses if isinstance(loss, torch.nn.Module)))


def _check(curriculum: Curriculum, view: TrainingView) -> None:
    for number, stage in enumerate(curriculum.stages, 1):
        for objective in stage.objectives:
            labels, counts = objective.labels, objective.query_weight > 0
            if tuple(labels.shape[:2]) != view.docnos.shape:
                raise SystemFault(
                    f"stage {number}: labels have shape {labels.shape}, the lists {view.docnos.shape}; where some "
                    "queries are left out, give them weight 0"
                )
            if isinstance(labels, np.ndarray) and labels.ndim == 2 and counts.any() and not (labels[counts] > 0).any():
                raise SystemFault(f"stage {number}: no document has a label above 0; nothing can be learned")


def _with_copied_losses(curriculum: Curriculum) -> list[Stage]:
    """The stages with a copy of each module; one that stands in several objectives stays one."""
    copies = {id(loss): copy.deepcopy(loss) for stage in curriculum.stages for loss in _modules(stage)}
    return [
        Stage(
            *(replace(each, loss=copies.get(id(each.loss), each.loss)) for each in stage.objectives),
            epochs=stage.epochs,
        )
        for stage in curriculum.stages
    ]
