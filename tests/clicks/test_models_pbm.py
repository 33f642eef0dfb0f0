"""The position-based model: closed forms, recovery, and what it does not know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_logs import EXAMINATION, page_log, pbm_log

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.counting.statistics import Statistics, rank_statistics
from benchmark.labels.clicks.models.fitting.priors import Beta, Prior
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.product.attraction import log_likelihood, most_probable
from benchmark.labels.clicks.models.product.harvest import harvest
from benchmark.labels.clicks.pages import Pages

NO_PRIOR = Prior(strength=0.0)


def counted(cells: list[tuple[int, int, int, int]], pairs: int, size: int) -> Statistics:
    """(pair, rank, impressions, clicks), ranks from 1."""
    pair, rank, shown, clicks = np.array(cells).T
    return Statistics(pairs, size, size, pair, rank - 1, shown, clicks)


def attractions(rng, queries: int = 50, each: int = 8) -> np.ndarray:
    return rng.beta(1.2, 4, (queries, each))


def test_one_position_is_the_click_rate() -> None:
    model = fit_pbm(counted([(0, 1, 100, 30), (1, 1, 100, 10)], 2, 1), prior=NO_PRIOR)
    np.testing.assert_allclose(model.attraction, [0.3, 0.1], atol=1e-8)


@pytest.mark.parametrize("how", ["harvest", "em"])
def test_two_documents_swapped_give_the_examination_exactly(how) -> None:
    """a = (.6, .2), theta_2 = .5: counts equal to their expectations are fitted without error."""
    cells = [(0, 1, 1000, 600), (0, 2, 1000, 300), (1, 1, 1000, 200), (1, 2, 1000, 100)]
    model = fit_pbm(counted(cells, 2, 2), prior=NO_PRIOR, examination=how, tolerance=1e-14)
    np.testing.assert_allclose(model.examination, [1, 0.5], atol=1e-5)
    np.testing.assert_allclose(model.attraction, [0.6, 0.2], atol=1e-5)


def test_known_examination_is_used_as_given() -> None:
    model = fit_pbm(counted([(0, 2, 1000, 100)], 1, 2), prior=NO_PRIOR, examination=np.array([1, 0.25]))
    assert model.attraction[0] == pytest.approx(0.4) and model.iterations == 0


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 2.0, 50.0]))
def test_newton_finds_the_fixed_point_of_em(seed: int, strength: float) -> None:
    rng = np.random.default_rng(seed)
    n = rng.integers(0, 20, (30, 5))
    n[:, 0] += 1
    c = rng.binomial(n, 0.5 * EXAMINATION)
    pair, rank = np.nonzero(n)
    s = Statistics(30, 5, 5, pair, rank, n[pair, rank], c[pair, rank])
    beta = Beta(np.full(30, 0.3), strength, 0.3)
    a = most_probable(s, EXAMINATION, beta)
    missed = (n - c) / (1 - a[:, None] * EXAMINATION)
    attracted = (c + missed * a[:, None] * (1 - EXAMINATION)).sum(1)
    np.testing.assert_allclose((attracted + strength * 0.3) / (n.sum(1) + strength), a, atol=1e-6)


@pytest.mark.parametrize("strength", [0.0, 2.0, None])
def test_em_never_decreases_the_penalised_likelihood(strength: float | None) -> None:
    rng = np.random.default_rng(1)
    log = pbm_log(rng, 2000, attractions(rng))
    model = fit_pbm(log, prior=Prior(strength=strength), examination="em", iterations=200, tolerance=0)
    assert len(model.trace) > 10 and (np.diff(model.trace) >= -1e-9 * abs(model.trace[0])).all()


def test_em_without_a_prior_climbs_above_the_harvested_fit() -> None:
    rng = np.random.default_rng(2)
    statistics = rank_statistics(pbm_log(rng, 2000, attractions(rng)))
    start, end = (fit_pbm(statistics, prior=NO_PRIOR, examination=how) for how in ("harvest", "em"))
    assert end.log_likelihood > start.log_likelihood
    rate = end.attraction[statistics.pairs]
    assert log_likelihood(statistics, end.examination, rate) == pytest.approx(end.log_likelihood)


def test_the_error_of_examination_and_attraction_shrinks_as_one_over_root_n() -> None:
    errors = []
    for impressions in (4_000, 64_000):
        runs = []
        for seed in range(4):
            rng = np.random.default_rng(seed)
            truth = attractions(rng)
            model = fit_pbm(pbm_log(rng, impressions, truth))
            miss = model.attraction - truth.ravel()
            runs.append((((model.examination - EXAMINATION) ** 2).mean(), (miss**2).mean()))
        errors.append(np.sqrt(np.mean(runs, axis=0)))
    assert (errors[1] < errors[0] / 2.5).all()  # 16 times the data: a quarter of the error, a little more with a prior


def test_a_skilful_production_ranker_is_not_taken_for_examination() -> None:
    """Few impressions a pair, shown by merit: EM over both at once gives the lower ranks too much, harvesting does not.

    Over 12 logs the mean of the harvested examination lies within 4 standard errors of the truth.
    """
    harvested, joint = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        statistics = rank_statistics(pbm_log(rng, 6_000, attractions(rng, queries=1500), skill=6.0))
        harvested.append(fit_pbm(statistics).examination)
        joint.append(fit_pbm(statistics, examination="em", prior=NO_PRIOR, iterations=300).examination)
    error = np.std(harvested, axis=0)[1:] / np.sqrt(12)
    assert (np.abs(np.mean(harvested, axis=0) - EXAMINATION)[1:] < 4 * error).all()
    assert (np.mean(joint, axis=0)[1:] > np.mean(harvested, axis=0)[1:] + 0.05).all()


def test_harvesting_is_invariant_to_clicks_that_only_rescale_the_documents() -> None:
    """Doubling the impressions and clicks of a pair that has one click rate at all ranks changes nothing."""
    cells = [(0, 1, 1000, 600), (0, 2, 1000, 300), (1, 1, 1000, 200), (1, 2, 1000, 100)]
    more = [*cells, (2, 1, 10, 2), (2, 2, 20, 2)]
    for table, pairs in ((cells, 2), (more, 3)):
        np.testing.assert_allclose(harvest(counted(table, pairs, 2))[0], [1, 0.5], atol=1e-6)


def test_ranks_that_no_pair_links_keep_the_ratio_of_their_click_rates() -> None:
    examination, _ = harvest(counted([(0, 1, 100, 40), (1, 2, 100, 10)], 2, 2))
    np.testing.assert_allclose(examination, [1, 0.25], atol=1e-9)


def test_groups_by_rank_estimate_attraction_better_where_the_ranker_has_skill() -> None:
    errors: list[list[float]] = [[], []]
    for seed in range(4):
        rng = np.random.default_rng(seed)
        truth = attractions(rng, queries=1500)
        statistics = rank_statistics(pbm_log(rng, 6_000, truth, skill=6.0))
        for i, groups in enumerate((1, 10)):
            model = fit_pbm(statistics, prior=Prior(groups=groups), examination=EXAMINATION)
            errors[i].append(float(((model.attraction - truth.ravel())[statistics.pairs] ** 2).mean()))
    assert np.mean(errors[1]) < np.mean(errors[0])


def test_deviation_shrinks_as_one_over_root_n() -> None:
    few, many = (
        fit_pbm(counted([(0, 1, n, n // 5)], 1, 1), prior=Prior(0.2, 2.0)).deviation[0] for n in (1_000, 16_000)
    )
    assert few / many == pytest.approx(4, rel=0.01)


def test_at_the_first_rank_mean_and_deviation_are_those_of_the_beta_posterior() -> None:
    model = fit_pbm(counted([(0, 1, 20, 5)], 1, 1), prior=Prior(0.2, 4.0))
    assert model.attraction[0] == pytest.approx(5.8 / 24)
    assert model.deviation[0] == pytest.approx(np.sqrt(5.8 / 24 * 18.2 / 24 / 25))


def test_what_was_never_seen_or_never_examined_keeps_the_prior() -> None:
    """Pair 1 was never shown; pair 2 a thousand times at a rank that nobody examines."""
    cells = [(0, 1, 50, 25), (2, 2, 1000, 0)]
    model = fit_pbm(counted(cells, 3, 2), prior=Prior(0.3, 2.0), examination=np.array([1.0, 0.0]))
    np.testing.assert_allclose(model.relevance[1:], 0.3, atol=1e-4)
    np.testing.assert_allclose(model.deviation[1:], np.sqrt(0.3 * 0.7 / 3), rtol=1e-4)
    assert model.deviation[0] < model.deviation[1] / 3


def test_deviation_where_half_is_examined_closed_form() -> None:
    """n' = n g (1 - a) / (1 - g a)."""
    model = fit_pbm(counted([(0, 2, 100, 30)], 1, 2), prior=Prior(0.5, 2.0), examination=np.array([1.0, 0.5]))
    a = model.attraction[0]
    information = 100 * 0.5 * (1 - a) / (1 - 0.5 * a)
    assert model.deviation[0] == pytest.approx(np.sqrt(a * (1 - a) / (information + 3)))


def test_a_click_where_nothing_is_said_to_be_examined_is_not_impossible() -> None:
    model = fit_pbm(counted([(0, 1, 50, 25), (0, 2, 50, 1)], 1, 2), examination=np.array([1.0, 0.0]))
    assert np.isfinite(model.log_likelihood)


def test_deviation_is_the_error_that_is_made() -> None:
    """Pulls (estimate - truth) / deviation have variance 1, wherever a pair was shown."""
    rng = np.random.default_rng(3)
    truth = rng.beta(1.5, 4.5, (400, 8))
    log = pbm_log(rng, 12_000, truth)
    model = fit_pbm(log)
    pull = (model.attraction - truth.ravel()) / model.deviation
    assert np.mean(pull**2) == pytest.approx(1, abs=0.12)


def test_the_prior_is_recovered() -> None:
    rng = np.random.default_rng(4)
    model = fit_pbm(pbm_log(rng, 40_000, rng.beta(2, 6, (1000, 8))))
    assert model.prior.typical == pytest.approx(0.25, rel=0.05) and model.prior.strength == pytest.approx(8, rel=0.15)


def test_the_prior_is_recovered_from_a_few_impressions_at_known_examination() -> None:
    rng = np.random.default_rng(6)
    rate = rng.beta(2, 6, 60_000)
    shown = rng.integers(1, 5, 60_000)
    clicks = rng.binomial(shown, 0.5 * rate)
    statistics = Statistics(60_000, 2, 2, np.arange(60_000), np.ones(60_000, int), shown, clicks)
    prior = fit_pbm(statistics, examination=np.array([1.0, 0.5])).prior
    assert prior.typical == pytest.approx(0.25, rel=0.03) and prior.strength == pytest.approx(8, rel=0.2)


def test_probabilities_are_products_and_zero_where_nothing_is_shown() -> None:
    model = fit_pbm(counted([(0, 1, 10, 5), (0, 2, 10, 2), (1, 1, 10, 2)], 2, 2))
    pages = Pages(np.array([[1, 0], [0, -1]], np.int32), np.zeros((2, 2), bool))
    expected = [[model.attraction[1], model.attraction[0] * model.examination[1]], [model.attraction[0], 0]]
    np.testing.assert_allclose(model.marginal(pages), expected)
    np.testing.assert_allclose(model.conditional(pages), expected)


def test_a_log_without_a_click_or_without_an_impression_can_be_fitted() -> None:
    silent = fit_pbm(page_log([[0, 1], [1, 0]], np.zeros((2, 2))))
    assert np.isfinite(silent.log_likelihood) and (silent.attraction < 0.5).all()
    empty = fit_pbm(page_log(np.empty((0, 2)), np.empty((0, 2)), pair_count=3))
    assert empty.attraction.shape == (3,) and np.isfinite(empty.attraction).all()


@pytest.mark.parametrize("wrong", ["guess", np.array([1.0]), np.array([1.0, 2.0])])
def test_an_impossible_examination_is_refused(wrong) -> None:
    with pytest.raises(ConfigurationError, match="examination"):
        fit_pbm(counted([(0, 1, 10, 5)], 1, 2), examination=wrong)
