"""CLAX's side: trains one model in CLAX's own environment and writes how held-out log-likelihood grew with time.

Runs as a script there: it may import nothing but clax, what clax needs, and the files beside it.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from clax import Trainer
from clax.metrics import Average, MultiMetric
from clax.models import (
    CascadeModel,
    ClickChainModel,
    DependentClickModel,
    DynamicBayesianNetwork,
    PositionBasedModel,
    UserBrowsingModel,
)
from clax.parameters import Parameter
from flax import nnx
from held_out import log_likelihood


class Certain(Parameter):
    """A probability of 1 (a logit of 20), not learnt."""

    def logit(self, batch: dict[str, Any]) -> jax.Array:
        """20 everywhere."""
        return jnp.full(batch["query_doc_ids"].shape, 20.0)

    def prob(self, batch: dict[str, Any]) -> jax.Array:
        """Its sigmoid."""
        return nnx.sigmoid(self.logit(batch))

    def log_prob(self, batch: dict[str, Any]) -> jax.Array:
        """The logarithm of that."""
        return nnx.log_sigmoid(self.logit(batch))


def build(name: str, pairs: int, positions: int, seed: int) -> nnx.Module:
    """The model of that name with CLAX's defaults.

    `cascade` is a simplified DBN whose users are certain to be satisfied: the cascade model, in CLAX's parts. Its
    own CascadeModel (`cascade-own`) takes P(c_k = 1) for P(c_k = 1 | no click above k), which is attraction, so what it
    maximises is not the likelihood of a cascade and a likelihood cannot be compared with it.
    """
    rngs = nnx.Rngs(seed)
    match name:
        case "PBM":
            return PositionBasedModel(positions=positions, query_doc_pairs=pairs, rngs=rngs)
        case "UBM":
            return UserBrowsingModel(positions=positions, query_doc_pairs=pairs, rngs=rngs)
        case "DCM":
            return DependentClickModel(positions=positions, query_doc_pairs=pairs, rngs=rngs)
        case "CCM":
            return ClickChainModel(query_doc_pairs=pairs, rngs=rngs)
        case "DBN" | "SDBN":
            return DynamicBayesianNetwork(query_doc_pairs=pairs, fix_continuation=name == "SDBN", rngs=rngs)
        case "cascade":
            return DynamicBayesianNetwork(
                query_doc_pairs=pairs, satisfaction=Certain(), fix_continuation=True, rngs=rngs
            )
        case "cascade-own":
            return CascadeModel(query_doc_pairs=pairs, rngs=rngs)
    raise SystemExit(f"CLAX has no model {name}")


class Loader:
    """Batches as CLAX's SessionCollator makes them, cut from arrays in memory: no loader could be faster."""

    def __init__(self, pair: np.ndarray, clicked: np.ndarray, batch: int) -> None:
        self.ids = pair.astype(np.int32) + 1  # 0 is CLAX's padding
        self.clicks = clicked.astype(np.float32)
        self.size = batch
        self.positions = np.tile(np.arange(1, pair.shape[1] + 1, dtype=np.int32), (batch, 1))
        self.mask = np.ones((batch, pair.shape[1]), dtype=bool)

    def batches(self, order: np.ndarray | None = None) -> Any:
        """All rows, in `order`; the last, short batch of a shuffled epoch is left out so that shapes never change."""
        stop = len(self.ids) if order is None else len(self.ids) - self.size + 1
        for start in range(0, stop, self.size):
            rows = slice(start, start + self.size) if order is None else order[start : start + self.size]
            ids = self.ids[rows]
            yield {
                "query_doc_ids": ids,
                "clicks": self.clicks[rows],
                "positions": self.positions[: len(ids)],
                "mask": self.mask[: len(ids)],
            }


@nnx.jit
def _conditional(model: nnx.Module, batch: dict[str, Any]) -> jax.Array:
    return jnp.exp(model.predict_conditional_clicks(batch))


class Run:
    """One training: CLAX's Trainer step, its AdamW at a constant rate, its early stopping."""

    def __init__(
        self, data: dict[str, Any], arguments: argparse.Namespace, rate: float, batch: int, decay: float
    ) -> None:
        self.data, self.arguments = data, arguments
        self.loader = Loader(data["pair"], data["clicked"], min(batch, len(data["pair"])))
        self.held = Loader(data["held_pair"], data["held_clicked"], 1 << 14)
        self.trainer = Trainer(optimizer=optax.adamw(rate, weight_decay=decay))
        self.metrics = MultiMetric({"loss": Average("loss")})

    def start(self) -> tuple[nnx.Module, nnx.ModelAndOptimizer]:
        """A model that has learnt nothing, and its optimizer."""
        pairs, positions = int(self.data["pair_count"]), self.data["pair"].shape[1]
        model = build(self.arguments.model, pairs, positions, self.arguments.seed)
        model.train()
        return model, nnx.ModelAndOptimizer(model, self.trainer.optimizer)

    def score(self, model: nnx.Module) -> float:
        """Held-out log-likelihood of a document."""
        probability = np.concatenate([np.asarray(_conditional(model, batch)) for batch in self.held.batches()])
        return log_likelihood(probability, self.data["held_clicked"])

    def compile(self) -> float:
        """Seconds of the first step, which compiles it; what the step learnt is forgotten."""
        model, optimizer = self.start()
        begun = time.perf_counter()
        batch = next(self.loader.batches(np.arange(len(self.loader.ids))))
        self.trainer._train_step(model, optimizer, self.metrics, batch)
        jax.block_until_ready(nnx.state(model))
        return time.perf_counter() - begun

    def train(self) -> list[tuple[float, float]]:
        """(seconds, score) as training went on; compiling and scoring do not count."""
        model, optimizer = self.start()
        rng = np.random.default_rng(self.arguments.seed)
        steps = max(1, len(self.loader.ids) // self.loader.size // self.arguments.looks)
        seconds, best, waited = 0.0, -np.inf, 0
        trace: list[tuple[float, float]] = []
        for _ in range(self.arguments.epochs):
            begun = time.perf_counter()
            for number, batch in enumerate(self.loader.batches(rng.permutation(len(self.loader.ids))), start=1):
                self.trainer._train_step(model, optimizer, self.metrics, batch)
                if number % steps == 0:
                    jax.block_until_ready(nnx.state(model))
                    seconds += time.perf_counter() - begun
                    trace.append((seconds, self.score(model)))
                    begun = time.perf_counter()
            jax.block_until_ready(nnx.state(model))
            seconds += time.perf_counter() - begun
            waited = 0 if trace[-1][1] > best + 1e-5 else waited + 1
            best = max(best, trace[-1][1])
            if waited > self.arguments.patience:
                break
        return trace


def main() -> None:
    """Read the arrays, train once for each setting, write the traces."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--settings", nargs="+", required=True, help="learning rate:batch size:weight decay")
    parser.add_argument("--epochs", type=int, default=50)  # CLAX's default
    parser.add_argument("--patience", type=int, default=0)  # CLAX's default
    parser.add_argument("--looks", type=int, default=1, help="evaluations in an epoch")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with np.load(arguments.data) as file:
        data = dict(file)
    runs = []
    for setting in arguments.settings:
        rate, batch, decay = setting.split(":")
        run = Run(data, arguments, float(rate), int(batch), float(decay))
        runs.append({"setting": setting, "compilation": run.compile(), "trace": run.train()})
    arguments.out.write_text(json.dumps(runs))


if __name__ == "__main__":
    main()
