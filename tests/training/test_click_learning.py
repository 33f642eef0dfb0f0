"""What the losses with parameters of their own learn: examination, from clicks that a table of scores explains."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import expit

from benchmark import DualLearning, PairwiseDebiased, RegressionEm, TwoTower
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.training.clicks.pairs import click_pairs

EXAMINATION = np.array([1.0, 0.6, 0.4, 0.25])
SIZE = 4


def simulated(sessions: int, probability, seed: int = 0) -> tuple[ImpressionLog, np.ndarray]:
    """30 queries with lists of 4, shuffled anew for each session; `probability(logits at each rank)` of a click."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-0.7, 1.2, (30, SIZE))
    query = np.arange(sessions, dtype=np.int32) % 30
    shown = np.argsort(rng.random((sessions, SIZE)), axis=1).astype(np.uint8)
    clicked = rng.random(shown.shape) < probability(logits[query[:, None], shown])
    qids = np.array([f"q{i}" for i in range(30)])
    return ImpressionLog(qids, query, shown, clicked, SIZE, simulated=True), logits


def train(loss: torch.nn.Module, labels, steps: int = 300) -> torch.Tensor:
    scores = torch.zeros(30, SIZE, requires_grad=True)
    optimiser = torch.optim.Adam([scores, *loss.parameters()], lr=0.1)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(scores, labels).mean().backward()
        optimiser.step()
    return scores.detach()


def counts_of(log: ImpressionLog) -> torch.Tensor:
    return torch.from_numpy(np.stack(log.counts(), axis=-1)).float()


def position_based(logits: np.ndarray) -> np.ndarray:
    return expit(logits) * EXAMINATION


@pytest.mark.parametrize("make", [RegressionEm, DualLearning])
def test_examination_is_recovered_and_better_from_more_clicks(make) -> None:
    errors = []
    for sessions in (2_000, 200_000):
        loss = make(len(EXAMINATION))
        train(loss, counts_of(simulated(sessions, position_based)[0]))
        errors.append(np.abs(loss.examination.detach().numpy() - EXAMINATION).max())
    assert errors[1] < 0.02 and errors[1] < errors[0]


def test_two_towers_recover_logits_that_add_up() -> None:
    bias = np.array([0.0, -0.7, -1.2, -2.0])
    log, logits = simulated(200_000, lambda at: expit(at + bias))
    loss = TwoTower(len(bias))
    scores = train(loss, counts_of(log))
    assert np.abs(loss.bias.detach().numpy() - bias).max() < 0.08
    assert np.corrcoef(loss.calibration(scores).detach().numpy().ravel(), logits.ravel())[0, 1] > 0.99


def test_pairwise_ratios_fall_with_the_rank_of_the_click() -> None:
    log, logits = simulated(60_000, position_based)
    loss = PairwiseDebiased(len(EXAMINATION))
    scores = train(loss, click_pairs(log)[torch.arange(30)])
    ratio = loss.clicked_ratio.numpy()
    assert (np.diff(ratio) < 0).all() and np.abs(ratio - EXAMINATION).max() < 0.1
    assert np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(scores.numpy(), logits, strict=True)]) > 0.9
