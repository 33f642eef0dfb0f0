from __future__ import annotations

from types import SimpleNamespace
from typing import cast, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.clicks.labels import WITH_PRIOR, ClickLabels, Method
from benchmark.labels.clicks.labels_of_counts import ctr_labels, estimated_strength, ips_labels, weighted_deviation
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.models.fitting.priors import Prior, estimate_beta
from benchmark.labels.clicks.models.model import WithPrior
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.registry import FITS, fitted
from benchmark.labels.clicks.simulate import BAIDU_EXAMINATION, VARIANTS, Simulation, simulate
from benchmark.training.view import TrainingView

NO_QUALITY = VARIANTS["quality-none"]


def draw(impressions: int, queries: int = 40, size: int = 20, model: Simulation = NO_QUALITY, seed: int = 0):
    rng = np.random.default_rng(seed)
    relevant = rng.random((queries, size)) < 0.2
    production = np.argsort(np.argsort(rng.random((queries, size)), axis=1), axis=1) + 1
    quality = rng.standard_normal((queries, size))
    each = np.full(queries, impressions // queries)
    query, shown, clicked = simulate(each, production, relevant, quality, model, seed)
    qids = np.array([f"q{i}" for i in range(queries)])
    return ImpressionLog(qids, query, shown, clicked, size, simulated=True), relevant


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


def test_a_log_without_queries_knows_none() -> None:
    log, _ = draw(40)
    empty = log.only(np.array([], dtype=str))
    assert len(empty) == 0 and empty.only(np.array(["q1"])).frequency().tolist() == [0]


def test_a_query_is_asked_for_once() -> None:
    with pytest.raises(DataError, match="asked for twice"):
        draw(40)[0].only(np.array(["q1", "q0", "q1"]))


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"shown": [[0, 1], [3, 1]]}, "impression 1 of a click log: it shows a document that is none of the 3"),
        ({"shown": [[0, 0], [2, 1]]}, "impression 0 of a click log: it shows a document twice"),
        ({"query": [0, 2]}, "impression 1 of a click log: its query is none of the 2"),
        ({"query": [-1, 0]}, "impression 0 of a click log: its query is none of the 2"),
        ({"query": [0]}, r"needs query \[I\], shown \[I, K\] and clicked \[I, K\], got \(1,\), \(2, 2\)"),
        ({"clicked": [[0], [1]]}, r"got \(2,\), \(2, 2\) and \(2, 1\)"),
    ],
)
def test_a_log_that_is_none_is_refused(made: dict[str, list], told: str) -> None:
    given = {"query": [0, 1], "shown": [[0, 1], [2, 1]], "clicked": [[0, 1], [0, 0]], **made}
    arrays = (np.array(given["query"], np.int32), np.array(given["shown"], np.uint8), np.array(given["clicked"], bool))
    with pytest.raises(DataError, match=told):
        ImpressionLog(np.array(["a", "b"]), *arrays, list_size=3, simulated=True)


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
        chance = np.take_along_axis(truth[log.query], log.shown.astype(np.int64), 1) * BAIDU_EXAMINATION
        redrawn = ImpressionLog(log.qids, log.query, log.shown, rng.random(chance.shape) < chance, 20, True)
        impressions, clicks = redrawn.counts()
        estimates.append(ips_labels(impressions, clicks, np.array(BAIDU_EXAMINATION), strength=0, clip=0)[0, :3])
    mean, error = np.mean(estimates, 0), np.std(estimates, 0) / np.sqrt(len(estimates))
    assert (np.abs(mean - np.where(relevant[0, :3], 0.6, 0.1)) < 3 * error + 1e-9).all()


def view_of(log: ImpressionLog, qids: np.ndarray | None = None) -> TrainingView:
    """What labels read of a view: its log and its questions."""
    return cast(TrainingView, SimpleNamespace(log=log, qids=log.qids if qids is None else qids))


@pytest.fixture(scope="module")
def log() -> ImpressionLog:
    return draw(3_000, queries=12)[0]  # q10 sorts before q2: the order of the log is not that of names


@pytest.mark.parametrize("method", get_args(Method))
def test_labels_lie_above_0_and_are_missing_for_what_was_never_shown(log: ImpressionLog, method: Method) -> None:
    label = ClickLabels(method).label(view_of(log))
    shown = log.counts()[0].sum(axis=2) > 0
    assert (np.isnan(label) == ~shown).all() and (label[shown] >= 0).all() and (label[shown] > 0).any()
    deviation = ClickLabels(method).deviation(view_of(log))
    assert deviation.shape == label.shape and (deviation > 0).all() and (deviation < 1).all()


@pytest.mark.parametrize("method", ["ctr", "ips", "pbm", "ubm"])
def test_deviation_shrinks_as_one_over_root_n(method: Method) -> None:
    """Of documents that were examined a hundred times and more, so that the prior does not matter."""
    few, many = (draw(n, queries=5)[0] for n in (6_000, 96_000))
    often = few.counts()[0] @ np.array(BAIDU_EXAMINATION) > 100
    error = [np.sqrt((ClickLabels(method).deviation(view_of(log))[often] ** 2).mean()) for log in (few, many)]
    assert error[0] / error[1] == pytest.approx(4, rel=0.15)


@pytest.mark.parametrize("method", ["pbm", "ubm"])
@pytest.mark.parametrize("strength", [None, 2.0])
def test_the_deviation_of_what_was_never_shown_is_the_priors(method: Method, strength: float | None) -> None:
    log = draw(400)[0]
    labels, view = ClickLabels(method, strength), view_of(log)
    prior, unseen = labels.prior_deviation(view), log.counts()[0].sum(axis=2) == 0
    assert unseen.any() and (labels.deviation(view)[unseen] == prior).all()
    assert labels.deviation(view).max() > prior  # a lucky click: the largest is no measure of knowing nothing


@pytest.mark.parametrize("method", [name for name in get_args(Method) if name not in WITH_PRIOR])
def test_methods_without_a_prior_say_so_before_they_are_fitted(
    log: ImpressionLog, monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    assert not isinstance(ClickLabels(method)._model(view_of(log)) if method in FITS else None, WithPrior)
    monkeypatch.setattr("benchmark.labels.clicks.labels.fitted", None)
    with pytest.raises(ConfigurationError, match=f"by '{method}' have no prior deviation; use one of pbm, ubm"):
        ClickLabels(method).prior_deviation(view_of(log))


@pytest.mark.parametrize("method", ["ctr", "pbm", "ubm"])
def test_strength_none_is_estimated_from_the_log(log: ImpressionLog, method: Method) -> None:
    fixed, estimated = (ClickLabels(method, strength=s).label(view_of(log)) for s in (2.0, None))
    assert np.nanmax(np.abs(fixed - estimated)) > 1e-4


def test_questions_come_in_the_order_of_the_view(log: ImpressionLog) -> None:
    whole = ClickLabels("pbm").deviation(view_of(log))
    part = ClickLabels("pbm").deviation(view_of(log, np.array(["q7", "q3", "unknown"])))
    np.testing.assert_array_equal(part[:2], whole[[7, 3]])
    assert np.isnan(part[2]).all()


def test_labels_of_a_click_model_are_its_relevance_above_the_mean(log: ImpressionLog) -> None:
    rate = fit_pbm(log, prior=Prior(strength=2.0)).relevance.reshape(12, 20)
    rate = np.where(log.counts()[0].sum(axis=2) > 0, rate, np.nan)
    label = ClickLabels("pbm", strength=2.0).label(view_of(log))
    np.testing.assert_array_equal(label, np.maximum(rate - np.nanmean(rate), 0))


def test_a_model_is_fitted_once_to_a_log(log: ImpressionLog) -> None:
    assert fitted("pbm", log) is fitted("pbm", log)
    assert fitted("pbm", log) is not fitted("pbm", draw(400)[0])


def test_unweighted_deviation_is_that_of_the_beta_posterior() -> None:
    impressions, clicks = np.zeros((1, 2, 2), int), np.zeros((1, 2, 2), int)
    impressions[0, 0], clicks[0, 0, 0] = [4, 4], 2
    rate, mean = (2 + 2 * 0.25) / 10, 0.25
    expected = np.sqrt([rate * (1 - rate) / 11, mean * (1 - mean) / 3])
    np.testing.assert_allclose(weighted_deviation(impressions, clicks, np.ones(2), 2.0)[0], expected)


def test_unknown_methods_are_refused_in_one_line() -> None:
    with pytest.raises(ConfigurationError, match="use one of ctr, ips, pbm"):
        ClickLabels("guess")
    for strength in (-3.0, float("nan")):
        with pytest.raises(ConfigurationError, match="finite strength of at least 0, got"):
            ClickLabels("ctr", strength=strength)
    for clip in (-1.0, 0.0, 2.0):
        with pytest.raises(ConfigurationError, match=r"clip in \(0, 1\], got"):
            ClickLabels("ips", clip=clip)
    with pytest.raises(ConfigurationError, match="use one of pbm, ubm"):
        fitted("guess", draw(400)[0])


@pytest.mark.parametrize("examination", [np.ones(4), np.array([1.0, 0.6, 0.4, 0.25])])
def test_the_strength_that_is_estimated_is_the_best_one(examination: np.ndarray) -> None:
    """Attraction ~ Beta(s m, s (1 - m)): of all strengths, about the estimated one is nearest to the truth."""
    rng = np.random.default_rng(0)
    attraction = rng.beta(1.2, 4.8, size=(400, 10))  # s = 6
    impressions = rng.integers(0, 8, size=(400, 10, 4))
    clicks = rng.binomial(impressions, attraction[:, :, None] * examination)
    strength = estimated_strength(impressions, clicks, 1 / examination)
    if (examination == 1).all():
        assert np.isclose(strength, 6, rtol=0.15)
        beta = estimate_beta(clicks.sum(axis=2).ravel() * 1.0, impressions.sum(axis=2).ravel() * 1.0)
        assert np.isclose(strength, beta.strength, rtol=0.02)

    def error(s: float) -> float:
        return float(((ips_labels(impressions, clicks, examination, s, clip=0) - attraction) ** 2).mean())

    assert error(strength) <= min(error(strength / 2), error(strength * 2))
    assert error(strength) <= 1.01 * min(error(s) for s in np.geomspace(1, 60, 40))


def test_naive_labels_do_not_depend_on_a_click_model(log: ImpressionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a click model was fitted")

    monkeypatch.setattr("benchmark.labels.clicks.labels.fitted", refuse)
    ClickLabels("ctr").label(view_of(log))
    ClickLabels("ctr").deviation(view_of(log))
