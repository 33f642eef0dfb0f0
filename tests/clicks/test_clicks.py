from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.labels.clicks.labels import ctr_labels, ips_labels
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.pbm import fit_pbm
from benchmark.labels.clicks.simulate import UserModel, document_quality, simulate

NO_QUALITY = UserModel(quality=0.0)


def draw(impressions: int, queries: int = 40, size: int = 20, model: UserModel = NO_QUALITY, seed: int = 0):
    rng = np.random.default_rng(seed)
    relevant = rng.random((queries, size)) < 0.2
    production = np.argsort(np.argsort(rng.random((queries, size)), axis=1), axis=1) + 1
    quality = rng.standard_normal((queries, size))
    each = np.full(queries, impressions // queries)
    query, shown, clicked = simulate(each, production, relevant, quality, model, seed)
    qids = np.array([f"q{i}" for i in range(queries)])
    return ImpressionLog(qids, query, shown, clicked, size, simulated=True), relevant


def test_click_rate_is_examination_times_attraction() -> None:
    log, relevant = draw(200_000)
    attraction = np.where(np.take_along_axis(relevant[log.query], log.shown.astype(np.int64), 1), 0.6, 0.1)
    for rank, examination in enumerate(NO_QUALITY.examination):
        expected = examination * attraction[:, rank]
        error = np.sqrt((expected * (1 - expected)).sum())
        assert abs(log.clicked[:, rank].sum() - expected.sum()) < 4 * error


def test_without_jitter_every_page_is_the_production_ranking() -> None:
    log, _ = draw(400, model=UserModel(jitter=0.0))
    pages = {(query, tuple(row)) for query, row in zip(log.query.tolist(), log.shown.tolist(), strict=True)}
    assert len(pages) == 40


def test_with_jitter_every_page_shows_a_document_once() -> None:
    log, _ = draw(4000)
    assert (np.diff(np.sort(log.shown, axis=1), axis=1) > 0).all()


def test_quality_is_standard_normal_and_of_the_document_alone() -> None:
    docnos = np.array([[f"d{i}" for i in range(5000)], [f"d{i}" for i in reversed(range(5000))]])
    quality = document_quality(docnos, seed=1)
    assert (quality[0] == quality[1][::-1]).all()
    assert abs(quality[0].mean()) < 0.06 and abs(quality[0].std() - 1) < 0.05


@given(st.integers(0, 50))
def test_counts_equal_a_loop(seed: int) -> None:
    log, _ = draw(40, queries=4, size=12, seed=seed)
    impressions, clicks = np.zeros((4, 12, 10), int), np.zeros((4, 12, 10), int)
    for query, shown, clicked in zip(log.query, log.shown, log.clicked, strict=True):
        for rank in range(10):
            impressions[query, shown[rank], rank] += 1
            clicks[query, shown[rank], rank] += clicked[rank]
    assert (log.counts()[0] == impressions).all() and (log.counts()[1] == clicks).all()


def test_only_keeps_whole_impressions_of_the_named_queries() -> None:
    log, _ = draw(4000)
    part = log.only(np.array(["q7", "q3", "unknown"]))
    assert part.frequency().tolist() == [100, 100, 0]
    whole, kept = log.counts()[1], part.counts()[1]
    assert (kept[0] == whole[7]).all() and (kept[1] == whole[3]).all()


def test_smoothed_rate_closed_form() -> None:
    impressions, clicks = np.zeros((1, 2, 2), int), np.zeros((1, 2, 2), int)
    impressions[0, 0], clicks[0, 0, 0] = [2, 2], 1
    impressions[0, 1, 0] = 4
    mean = 1 / 8
    assert ctr_labels(impressions, clicks, strength=2)[0].tolist() == [(1 + 2 * mean) / 6, (2 * mean) / 6]


def test_ips_is_unbiased() -> None:
    """Mean of estimates within 3 standard errors of the truth, without prior and clipping."""
    estimates = []
    for seed in range(60):
        log, relevant = draw(2000, queries=2, seed=3)
        truth = np.where(relevant, 0.6, 0.1)
        rng = np.random.default_rng(seed)
        chance = np.take_along_axis(truth[log.query], log.shown.astype(np.int64), 1) * NO_QUALITY.examination
        redrawn = ImpressionLog(log.qids, log.query, log.shown, rng.random(chance.shape) < chance, 20, True)
        impressions, clicks = redrawn.counts()
        estimates.append(ips_labels(impressions, clicks, np.array(NO_QUALITY.examination), strength=0, clip=0)[0, :3])
    mean, error = np.mean(estimates, 0), np.std(estimates, 0) / np.sqrt(len(estimates))
    assert (np.abs(mean - np.where(relevant[0, :3], 0.6, 0.1)) < 3 * error + 1e-9).all()


def test_pbm_recovers_its_simulator_and_the_error_shrinks() -> None:
    errors = []
    for impressions in (20_000, 320_000):
        log, relevant = draw(impressions, model=UserModel(quality=0.0, jitter=1.0))
        model = fit_pbm(*log.counts(), prior_strength=0.1, iterations=2000, tolerance=1e-7)
        shown = log.counts()[0].sum(2) > impressions / 40 / 20
        errors.append(np.abs(model.attraction - np.where(relevant, 0.6, 0.1))[shown].mean())
        assert np.abs(model.examination - NO_QUALITY.examination).max() < (0.12, 0.04)[impressions > 20_000]
    assert errors[1] < errors[0] / 2  # 16 times the data: about a quarter of the error


def test_pbm_of_one_position_is_the_click_rate() -> None:
    impressions, clicks = np.full((1, 2, 1), 100), np.array([[[30], [10]]])
    model = fit_pbm(impressions, clicks, prior_strength=1e-9)
    np.testing.assert_allclose(model.attraction, [[0.3, 0.1]], atol=1e-3)


def test_a_pair_never_shown_gets_the_mean() -> None:
    impressions, clicks = np.zeros((1, 3, 2), int), np.zeros((1, 3, 2), int)
    impressions[0, :2, 0], clicks[0, 0, 0] = 50, 25
    model = fit_pbm(impressions, clicks)
    assert model.attraction[0, 1] < model.attraction[0, 2] < model.attraction[0, 0]
    assert model.examination[0] == pytest.approx(1.0)
