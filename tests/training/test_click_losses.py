from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmark import (
    AffineListwise,
    AffinePointwise,
    DoublyRobustListwise,
    DoublyRobustPointwise,
    DualLearning,
    IpsListwise,
    IpsPointwise,
    NaiveListwise,
    NaivePointwise,
    PairwiseDebiased,
    PolicyAwareListwise,
    RegressionEm,
    SnipsListwise,
    TwoTower,
    doubly_robust_evidence,
)
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.training.clicks.doubly_robust import doubly_robust_relevance
from benchmark.training.clicks.page_softmax import page_log_softmax
from benchmark.training.clicks.pairs import click_pairs

EXAMINATION = np.array([1.0, 0.6, 0.3])
PLAIN = 0.1  # the click rate that calibrations start from


def log_of(queries: int = 5, size: int = 6, ranks: int = 3, sessions: int = 200, seed: int = 0) -> ImpressionLog:
    rng = np.random.default_rng(seed)
    shown = np.argsort(rng.random((sessions, size)), axis=1)[:, :ranks].astype(np.uint8)
    qids = np.array([f"q{i}" for i in range(queries)])
    query = rng.integers(0, queries - 1, sessions).astype(np.int32)  # the last query was never shown
    return ImpressionLog(qids, query, shown, rng.random((sessions, ranks)) < 0.4, size, simulated=True)


def counts_of(log: ImpressionLog) -> torch.Tensor:
    return torch.from_numpy(np.stack(log.counts(), axis=-1)).float()


def impressions_of(log: ImpressionLog):
    """(query, place, rank, clicked) of every document shown: what the losses are written for."""
    for query, shown, clicked in zip(log.query, log.shown, log.clicked, strict=True):
        for rank in range(log.page_size):
            yield int(query), int(shown[rank]), rank, bool(clicked[rank])


LOG = log_of()
COUNTS = counts_of(LOG)
SCORES = torch.from_numpy(np.random.default_rng(1).normal(size=(5, 6))).float()
SESSIONS = np.maximum(LOG.frequency(), 1)
LOSSES = {
    "naive listwise": NaiveListwise(),
    "naive pointwise": NaivePointwise(),
    "ips listwise": IpsListwise(EXAMINATION),
    "ips pointwise": IpsPointwise(EXAMINATION),
    "policy-aware": PolicyAwareListwise(EXAMINATION),
    "snips": SnipsListwise(EXAMINATION),
    "affine listwise": AffineListwise(EXAMINATION, np.full(3, 0.05)),
    "affine pointwise": AffinePointwise(EXAMINATION, np.full(3, 0.05)),
    "regression-em": RegressionEm(3),
    "dual learning": DualLearning(3),
    "two-tower": TwoTower(3),
}


def bce(logit: float, positive: float, negative: float) -> float:
    return positive * np.logaddexp(0, -logit) + negative * np.logaddexp(0, logit)


def calibrated(score: float) -> float:
    return score + np.log(PLAIN / (1 - PLAIN))


def per_query(terms) -> np.ndarray:
    loss = np.zeros(5)
    for query, value in terms:
        loss[query] += value / SESSIONS[query]
    return loss


def test_naive_pointwise_is_cross_entropy_of_every_impression() -> None:
    expected = per_query(
        (q, bce(calibrated(float(SCORES[q, d])), clicked, not clicked)) for q, d, _, clicked in impressions_of(LOG)
    )
    assert NaivePointwise()(SCORES, COUNTS).tolist() == pytest.approx(expected.tolist(), rel=1e-5)


def test_ips_pointwise_weighs_every_click_by_inverse_examination() -> None:
    expected = per_query(
        (q, bce(calibrated(float(SCORES[q, d])), clicked / EXAMINATION[k], 1 - clicked / EXAMINATION[k]))
        for q, d, k, clicked in impressions_of(LOG)
    )
    assert IpsPointwise(EXAMINATION)(SCORES, COUNTS).tolist() == pytest.approx(expected.tolist(), rel=1e-4)


@pytest.mark.parametrize(("loss", "weight"), [(NaiveListwise(), np.ones(3)), (IpsListwise(EXAMINATION), EXAMINATION)])
def test_listwise_losses_sum_over_clicks(loss: torch.nn.Module, weight: np.ndarray) -> None:
    log_p = page_log_softmax(SCORES, COUNTS[..., 0])
    expected = per_query((q, -clicked / weight[k] * float(log_p[q, d])) for q, d, k, clicked in impressions_of(LOG))
    assert loss(SCORES, COUNTS).tolist() == pytest.approx(expected.tolist(), rel=1e-4)


def test_two_towers_add_their_logits() -> None:
    loss = TwoTower(3)
    with torch.no_grad():
        loss.tower.copy_(torch.tensor([-0.5, -1.5]))
    bias = [0, -0.5, -1.5]
    expected = per_query(
        (q, bce(calibrated(float(SCORES[q, d])) + bias[k], clicked, not clicked))
        for q, d, k, clicked in impressions_of(LOG)
    )
    assert loss(SCORES, COUNTS).tolist() == pytest.approx(expected.tolist(), rel=1e-5)


def test_where_all_sessions_show_the_same_documents_the_softmax_is_that_of_the_page() -> None:
    impressions = torch.tensor([[[3.0, 1.0], [1.0, 3.0], [0.0, 0.0]]])
    expected = torch.log_softmax(torch.tensor([0.3, -1.0]), dim=0)
    got = page_log_softmax(torch.tensor([[0.3, -1.0, 9.0]]), impressions)
    assert got[0].tolist() == pytest.approx([*expected.tolist(), 0.0])


def test_a_document_shown_in_half_of_the_sessions_is_half_a_rival() -> None:
    impressions = torch.tensor([[[2.0, 0.0], [0.0, 1.0], [0.0, 1.0]]])
    assert page_log_softmax(torch.zeros(1, 3), impressions)[0].tolist() == pytest.approx([-np.log(2)] * 3)


def test_a_step_of_regression_em_is_a_step_on_the_likelihood_of_the_log() -> None:
    """Fisher's identity, with every parameter's gradient taken by autograd on the likelihood written out."""
    loss, scores = RegressionEm(3), SCORES.clone().requires_grad_()
    loss(scores, COUNTS).sum().backward()
    by_em = [scores.grad, *(parameter.grad for parameter in loss.parameters())]
    again, free = RegressionEm(3), SCORES.clone().requires_grad_()
    probability = again.relevance(free)[..., None] * again.examination
    shown, clicked = COUNTS.unbind(-1)
    terms = clicked * probability.log() + (shown - clicked) * (1 - probability).log()
    likelihood = (terms.sum((1, 2)) / torch.from_numpy(SESSIONS)).sum()
    (-likelihood).backward()
    by_likelihood = [free.grad, *(parameter.grad for parameter in again.parameters())]
    for one, other in zip(by_em, by_likelihood, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_dual_learning_weighs_by_inverse_examination_and_inverse_relevance() -> None:
    loss, scores = DualLearning(2), torch.tensor([[np.log(3.0), 0.0]], dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        loss.tower.copy_(torch.tensor([np.log(4.0), 0.0]))
    # One session: document 0 above document 1, both clicked. p = (3/4, 1/4), q = (4/5, 1/5), reference 3/4.
    counts = torch.tensor([[[[1.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]]])
    value = loss(scores, counts)
    ranking = -np.log(3 / 4) - 4 * np.log(1 / 4)
    propensity = -np.log(4 / 5) - 3 * np.log(1 / 5)
    assert value.item() == pytest.approx(ranking + propensity, rel=1e-5)


@pytest.mark.parametrize("make", [IpsListwise, IpsPointwise])
def test_the_expectation_of_ips_is_the_loss_on_relevance_itself(make) -> None:
    """Clicks of a position-based user, drawn again and again: the mean is within three standard errors."""
    rng = np.random.default_rng(3)
    relevance = rng.random((5, 6, 1))
    shown = COUNTS[..., 0].numpy().astype(int)
    loss = make(EXAMINATION, clip=0.01)
    clicks = rng.binomial(shown, relevance * EXAMINATION, size=(3000, *shown.shape))
    drawn = torch.from_numpy(np.stack([np.broadcast_to(shown, clicks.shape), clicks], -1)).float()
    values = loss(SCORES.repeat(3000, 1), drawn.flatten(0, 1)).detach().numpy().reshape(3000, 5).sum(1)
    full = torch.from_numpy(np.stack([shown, shown * relevance], -1)).float()
    truth = make(np.ones(3), clip=0.01)(SCORES, full).sum().item()
    assert abs(values.mean() - truth) < 3 * values.std() / np.sqrt(3000)
    assert abs(NaiveListwise()(SCORES, drawn[0]).sum().item() - truth) > 0.1  # the uncorrected loss is another


def test_policy_awareness_corrects_for_what_seldom_reaches_the_page() -> None:
    relevance = np.random.default_rng(4).random((5, 6))
    shown = COUNTS[..., 0].numpy()
    clicks = shown * relevance[..., None] * EXAMINATION
    got = PolicyAwareListwise(EXAMINATION, clip=1e-6)(SCORES, torch.from_numpy(np.stack([shown, clicks], -1)).float())
    expected = -(torch.from_numpy(relevance) * torch.log_softmax(SCORES, 1)).sum(1)  # every document, wherever it stood
    assert got[:4].tolist() == pytest.approx(expected[:4].tolist(), rel=1e-4)


@pytest.mark.parametrize("make", [AffineListwise, AffinePointwise])
def test_affine_correction_undoes_slope_and_offset(make) -> None:
    relevance = np.random.default_rng(5).random((5, 6, 1))
    slope, offset = np.array([0.8, 0.5, 0.2]), np.array([0.15, 0.05, 0.01])
    shown = COUNTS[..., 0].numpy()
    trusted = torch.from_numpy(np.stack([shown, shown * (slope * relevance + offset)], -1)).float()
    plain = torch.from_numpy(np.stack([shown, shown * relevance], -1)).float()
    got, expected = make(slope, offset)(SCORES, trusted), make(np.ones(3), np.zeros(3))(SCORES, plain)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


def test_without_trust_affine_correction_is_ips() -> None:
    affine, ips = AffineListwise(EXAMINATION, np.zeros(3)), IpsListwise(EXAMINATION)
    assert (affine(SCORES, COUNTS) == ips(SCORES, COUNTS)).all()


@pytest.mark.parametrize(
    ("loss", "clicked", "away"),
    [
        (AffineListwise(EXAMINATION, np.full(3, 0.05)), 0, -1),
        (AffinePointwise(EXAMINATION, np.full(3, 0.05)), 0, -1),
        (AffinePointwise(EXAMINATION, np.full(3, 0.05)), 1, 1),
        (IpsPointwise(EXAMINATION), 1, 1),
    ],
)
def test_a_corrected_count_that_is_no_count_leaves_a_loss_without_a_bound(loss, clicked: int, away: int) -> None:
    """One session: r of the document at rank 2 is below 0 without its click, above 1 with it."""
    counts = torch.zeros(1, 2, 3, 2)
    counts[0, [0, 1], [0, 1], 0] = 1
    counts[0, 1, 1, 1] = clicked
    near, far = (loss(torch.tensor([[0.0, away * s]]), counts).item() for s in (1e2, 1e4))
    assert far < 50 * near < 0


def test_snips_is_ips_without_clipping_over_the_mean_weight_of_the_batch() -> None:
    snips, ips = SnipsListwise(EXAMINATION)(SCORES, COUNTS), IpsListwise(EXAMINATION, clip=1e-4)(SCORES, COUNTS)
    sessions = COUNTS[:, :, 0, 0].sum(1)
    weight = (COUNTS[..., 1].double() / torch.from_numpy(EXAMINATION)).sum((1, 2)) / sessions.clamp_min(1)
    torch.testing.assert_close(snips, (ips / weight.mean()).float())


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_snips_does_not_see_a_constant_factor_in_examination(factor: float) -> None:
    torch.testing.assert_close(
        SnipsListwise(EXAMINATION)(SCORES, COUNTS), SnipsListwise(factor * EXAMINATION)(SCORES, COUNTS)
    )
    assert not torch.allclose(IpsListwise(EXAMINATION)(SCORES, COUNTS), IpsListwise(0.5 * EXAMINATION)(SCORES, COUNTS))


@pytest.mark.parametrize(
    ("imputation", "clip", "unbiased"),
    [("wrong", 1e-9, True), ("right", 0.9, True), ("right", 1e-9, True), ("wrong", 0.9, False)],
)
def test_doubly_robust_needs_one_of_propensity_and_imputation(imputation: str, clip: float, unbiased: bool) -> None:
    relevance = np.random.default_rng(6).random((5, 6))
    shown = COUNTS[..., 0].double().numpy()
    imputed = relevance if imputation == "right" else 1 - relevance
    expected_clicks = shown * relevance[..., None] * EXAMINATION
    evidence = doubly_robust_evidence(np.stack([shown, expected_clicks], -1), EXAMINATION, imputed)
    estimate = doubly_robust_relevance(torch.from_numpy(evidence), clip).numpy()[:4]
    assert np.allclose(estimate, relevance[:4], atol=1e-6) == unbiased


@pytest.mark.parametrize("make", [DoublyRobustListwise, DoublyRobustPointwise])
def test_the_expectation_of_doubly_robust_is_the_loss_on_relevance_itself(make) -> None:
    rng = np.random.default_rng(7)
    relevance, imputed = rng.random((5, 6)), rng.random((5, 6))
    shown = COUNTS[..., 0].double().numpy()
    clicks = rng.binomial(shown.astype(int), relevance[..., None] * EXAMINATION, size=(2000, *shown.shape))
    evidence = np.concatenate(
        [doubly_robust_evidence(np.stack([shown, drawn], -1), EXAMINATION, imputed) for drawn in clicks]
    )
    loss = make(clip=1e-6)
    values = loss(SCORES.repeat(2000, 1), torch.from_numpy(evidence).float()).detach().numpy().reshape(2000, 5)
    known = np.stack([relevance, np.zeros((5, 6)), np.ones((5, 6))], -1)
    error = values[:, :4].sum(1).mean() - loss(SCORES, torch.from_numpy(known).float())[:4].sum().item()
    assert abs(error) < 3 * values[:, :4].sum(1).std() / np.sqrt(2000)


def test_doubly_robust_trusts_the_imputation_where_nothing_was_shown() -> None:
    imputed = np.full((5, 6), 0.3)
    evidence = doubly_robust_evidence(COUNTS.double().numpy(), EXAMINATION, imputed)
    assert (doubly_robust_relevance(torch.from_numpy(evidence), 0.1)[4] == 0.3).all()


def test_pairs_equal_a_loop_over_pages() -> None:
    counted: dict[tuple[int, ...], int] = {}
    for query, shown, clicked in zip(LOG.query, LOG.shown, LOG.clicked, strict=True):
        for i in np.flatnonzero(clicked):
            for j in np.flatnonzero(~clicked):
                key = (int(query), int(shown[i]), int(shown[j]), int(i), int(j))
                counted[key] = counted.get(key, 0) + 1
    pairs = click_pairs(LOG)
    assert {tuple(row[:5]): row[5] for row in pairs.table.tolist()} == counted
    batch = pairs[torch.tensor([3, 4, 1])]
    keys = torch.stack([batch.query, batch.winner, batch.loser, batch.winner_rank, batch.loser_rank], 1).tolist()
    wanted = {(3 if q == 3 else 1, *rest): n for (q, *rest), n in counted.items() if q in (1, 3)}
    assert {((3, 4, 1)[q], *rest): n for (q, *rest), n in zip(keys, batch.count.tolist(), strict=True)} == wanted
    assert batch.sessions.tolist() == LOG.frequency()[[3, 4, 1]].tolist()


def test_a_pair_costs_what_its_two_ranks_say() -> None:
    log = ImpressionLog(
        np.array(["q"]), np.zeros(1, np.int32), np.array([[0, 1]], np.uint8), np.array([[False, True]]), 2, True
    )
    loss = PairwiseDebiased(2).eval()
    loss.clicked_mass.copy_(torch.tensor([1.0, 0.5]))
    loss.unclicked_mass.copy_(torch.tensor([1.0, 2.0]))
    value = loss(torch.tensor([[0.2, -0.3]]), click_pairs(log)[torch.tensor([0])])
    assert value.item() == pytest.approx(np.log1p(np.exp(0.5)) / 0.5, rel=1e-5)  # t+_2 = 1/2, t-_1 = 1


@pytest.mark.parametrize("name", LOSSES)
def test_a_query_that_was_never_shown_has_no_loss_and_no_gradient(name: str) -> None:
    scores = SCORES.clone().requires_grad_()
    value = LOSSES[name](scores, COUNTS)
    assert value.shape == (5,) and value[4] == 0
    value.sum().backward()
    assert scores.grad is not None and torch.isfinite(scores.grad).all() and (scores.grad[4] == 0).all()
    assert (scores.grad[:4] != 0).any()
    assert all(torch.isfinite(each.grad).all() for each in LOSSES[name].parameters() if each.grad is not None)


def test_a_query_without_a_pair_has_no_loss_and_no_gradient() -> None:
    scores = SCORES.clone().requires_grad_()
    value = PairwiseDebiased(3)(scores, click_pairs(LOG)[torch.arange(5)])
    value.sum().backward()
    assert (
        value[4] == 0 and scores.grad is not None and (scores.grad[4] == 0).all() and torch.isfinite(scores.grad).all()
    )


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_a_mean_over_sessions(name: str) -> None:
    """The same log twice says the same: what a query counts is said by the weight of the objective alone."""
    torch.testing.assert_close(LOSSES[name](SCORES, 2 * COUNTS), LOSSES[name](SCORES, COUNTS))
