"""Simulated clicks of position-based users: a few lines of NumPy that the tests of propensities share."""

from __future__ import annotations

import numpy as np

from benchmark.labels.clicks.log import ImpressionLog

TRUTH = np.array([1.0, 0.6, 0.4, 0.25])


def draw(
    impressions: int,
    *,
    queries: int = 200,
    size: int = 6,
    jitter: float = 1.0,
    examination: np.ndarray = TRUTH,
    seed: int = 0,
) -> tuple[ImpressionLog, np.ndarray]:
    """A log of pages whose order is confounded with relevance, and attraction [Q, L].

    Each page shows the documents with the largest logit of attraction + jitter * Gumbel: infinite jitter is a uniform
    shuffle, 0 always the same page. `examination` [K], or [Q, K] by query.
    """
    rng = np.random.default_rng(seed)
    attraction = rng.beta(1.5, 2.5, (queries, size))
    query = rng.integers(0, queries, impressions).astype(np.int32)
    score = np.log(attraction / (1 - attraction))[query] if np.isfinite(jitter) else np.zeros((impressions, size))
    noise = rng.gumbel(size=score.shape) * (jitter if np.isfinite(jitter) else 1.0)
    shown = np.argsort(-score - noise, axis=1)[:, : examination.shape[-1]]
    seen = examination if examination.ndim == 1 else examination[query]
    clicked = rng.random(shown.shape) < seen * np.take_along_axis(attraction[query], shown, 1)
    qids = np.array([f"q{i}" for i in range(queries)])
    return ImpressionLog(qids, query, shown.astype(np.uint8), clicked, size, simulated=True), attraction


def worst(examination: np.ndarray, truth: np.ndarray = TRUTH) -> float:
    return float(np.abs(examination - truth).max())
