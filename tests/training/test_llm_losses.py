"""Losses on what language models say: closed forms, plain loops, slopes, and what each is unmoved by."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmark import GradeLikelihood, RankNet, ranking_loss, softmax_loss, summed_positives_loss

NAN = float("nan")
SCORES = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 5)))


def softmax(scores) -> np.ndarray:
    weight = np.exp(np.asarray(scores, dtype=float))
    return weight / weight.sum()


def test_positives_share_their_probability() -> None:
    p = softmax(SCORES[0])
    labels = torch.tensor([[0.0, 1.0, 0.0, 1.0, 0.0]]).double()
    assert np.isclose(summed_positives_loss(SCORES[:1], labels).item(), -np.log(p[1] + p[3]))


def test_one_positive_is_the_softmax_loss() -> None:
    labels = torch.eye(5)[:4].double()
    assert torch.allclose(summed_positives_loss(SCORES, labels), softmax_loss(SCORES, labels))


def test_a_positive_may_be_given_up() -> None:
    """The slope at a hopeless positive: all of softmax loss's share of it, nearly nothing of this one's."""
    scores = torch.tensor([[5.0, -5.0, 0.0]], requires_grad=True)
    labels = torch.tensor([[1.0, 1.0, 0.0]])
    summed = torch.autograd.grad(summed_positives_loss(scores, labels).sum(), scores)[0][0, 1]
    each = torch.autograd.grad(softmax_loss(scores, labels).sum(), scores)[0][0, 1]
    assert each < -0.4 and abs(summed) < 1e-3


def test_ranknet_is_the_mean_cross_entropy_of_pairs() -> None:
    rng = np.random.default_rng(1)
    preference, weight = rng.random((4, 5, 5)), rng.integers(0, 3, (4, 5, 5)).astype(float)
    labels = torch.from_numpy(np.stack([preference, weight], axis=-1))
    expected = np.zeros(4)
    for query in range(4):
        for i in range(5):
            for j in range(5):
                q = 1 / (1 + np.exp(float(SCORES[query, j] - SCORES[query, i])))
                p = preference[query, i, j]
                expected[query] -= weight[query, i, j] * (p * np.log(q) + (1 - p) * np.log(1 - q))
        expected[query] /= weight[query].sum()
    assert np.allclose(RankNet()(SCORES, labels).detach(), expected)


def test_ranking_loss_draws_one_document_after_another() -> None:
    scores, ranks = SCORES[:1], torch.tensor([[2.0, 1.0, NAN, 3.0, 4.0]]).double()
    left, expected = [1, 0, 3, 4], 0.0
    while left:
        expected -= np.log(softmax(scores[0, left])[0]) / 4
        left.pop(0)
    assert np.isclose(ranking_loss(scores, ranks).item(), expected)


def test_equal_ranks_are_each_drawn_first() -> None:
    p = softmax(SCORES[0, :3])
    loss = ranking_loss(SCORES[:1, :3], torch.tensor([[1.0, 1.0, 2.0]]).double())
    assert np.isclose(loss.item(), -(np.log(p[0]) + np.log(p[1])) / 3)


def test_a_list_without_an_order_teaches_none() -> None:
    ranks = torch.tensor([[3.0, 3.0, NAN, 3.0, 3.0], [NAN] * 5, [NAN, NAN, 1.0, NAN, NAN], [1.0, 2.0, 2.0, 2.0, 2.0]])
    scores = SCORES.clone().requires_grad_()
    loss = ranking_loss(scores, ranks.double())
    loss.sum().backward()
    assert (loss[:3] == 0).all() and loss[3] > 0
    assert scores.grad is not None and (scores.grad[:3] == 0).all() and scores.grad[3].abs().sum() > 0


def test_grades_are_steps_on_one_scale() -> None:
    loss = GradeLikelihood(4)
    p = loss.probabilities(torch.linspace(-6, 6, 50)).detach().numpy()
    assert np.allclose(p.sum(axis=1), 1, atol=1e-6) and (p > 0).all()
    assert (np.diff(p @ np.arange(4)) > 0).all()  # a higher score, a higher expected grade
    assert (np.diff(loss.thresholds.detach().numpy()) > 0).all()


def test_grade_likelihood_is_the_expected_log_likelihood() -> None:
    rng = np.random.default_rng(2)
    labels = torch.from_numpy(rng.dirichlet(np.ones(3), size=(4, 5))).float()
    labels[1, 2:] = 0  # not graded
    loss = GradeLikelihood(3)
    log_p = loss.probabilities(SCORES.float()).log().float()
    each = -(labels * log_p).sum(dim=2)
    expected = torch.stack([each[0].mean(), each[1, :2].mean(), each[2].mean(), each[3].mean()])
    assert torch.allclose(loss(SCORES.float(), labels), expected, atol=1e-6)


def test_a_grade_far_from_its_score_still_pulls() -> None:
    """-log P(0 | s) is s - t_1 for a large s, with slope 1."""
    loss = GradeLikelihood(3)
    scores = torch.tensor([[25.0]], requires_grad=True)
    value = loss(scores, torch.tensor([[[1.0, 0.0, 0.0]]]))
    value.sum().backward()
    assert value.item() == pytest.approx(26.0) and scores.grad is not None
    assert scores.grad.item() == pytest.approx(1.0)


def test_a_confusion_matrix_gives_back_the_clean_minimum() -> None:
    """Grades said through a confusion matrix: the corrected loss finds the thresholds of the clean grades, the plain
    one does not."""
    rng = np.random.default_rng(3)
    confusion = np.array([[0.8, 0.15, 0.05], [0.25, 0.6, 0.15], [0.1, 0.3, 0.6]])
    truth = GradeLikelihood(3)
    with torch.no_grad():
        truth.first.fill_(0.4)
        truth.steps.fill_(0.3)
        scores = torch.from_numpy(rng.normal(size=(60, 40)) * 2).float()
        clean = truth.probabilities(scores).numpy()
    said = torch.from_numpy(clean @ confusion).float()

    def thresholds(matrix) -> np.ndarray:
        loss = GradeLikelihood(3, matrix)
        loss.scale.requires_grad_(False)
        optimizer = torch.optim.LBFGS(loss.parameters(), max_iter=200, line_search_fn="strong_wolfe")

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            total = loss(scores, said).mean()
            total.backward()
            return total

        optimizer.step(closure)
        return loss.thresholds.detach().numpy()

    target = truth.thresholds.detach().numpy()
    assert np.allclose(thresholds(confusion), target, atol=0.02)
    assert np.abs(thresholds(None) - target).max() > 0.1


@pytest.mark.parametrize("matrix", [np.eye(2), [[0.5, 0.4, 0], [0, 1, 0], [0, 0, 1]], -np.eye(3)])
def test_a_confusion_matrix_has_rows_of_probabilities(matrix) -> None:
    with pytest.raises(ValueError, match="rows that sum to 1"):
        GradeLikelihood(3, matrix)


LOSSES = {
    "summed positives": (summed_positives_loss, lambda rng: torch.from_numpy(rng.integers(0, 2, (3, 4)).astype(float))),
    "ranking": (ranking_loss, lambda rng: torch.from_numpy(rng.integers(1, 5, (3, 4)).astype(float))),
    "ranknet": (RankNet().double(), lambda rng: torch.from_numpy(rng.random((3, 4, 4, 2)))),
    "grades": (GradeLikelihood(3).double(), lambda rng: torch.from_numpy(rng.dirichlet(np.ones(3), (3, 4)))),
}


@pytest.mark.parametrize("name", LOSSES)
def test_slopes_are_those_of_finite_differences(name: str) -> None:
    loss, draw = LOSSES[name]
    labels = draw(np.random.default_rng(4))
    assert torch.autograd.gradcheck(lambda scores: loss(scores, labels), SCORES[:3, :4].clone().requires_grad_())


@pytest.mark.parametrize("name", LOSSES)
@given(st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter(name: str, random) -> None:
    loss, draw = LOSSES[name]
    labels, order = draw(np.random.default_rng(5)), random.sample(range(4), 4)
    moved = labels[:, order][:, :, order] if name == "ranknet" else labels[:, order]
    assert torch.allclose(loss(SCORES[:3, :4], labels), loss(SCORES[:3, :4][:, order], moved))


@pytest.mark.parametrize("name", LOSSES)
def test_a_list_without_a_label_costs_nothing(name: str) -> None:
    loss, draw = LOSSES[name]
    labels = draw(np.random.default_rng(6))
    labels[1] = NAN if labels.ndim == 2 else 0.0
    scores = SCORES[:3, :4].clone().requires_grad_()
    values = loss(scores, labels)
    assert values[1] == 0
    values.sum().backward()
    assert torch.isfinite(scores.grad).all() and (scores.grad[1] == 0).all()
