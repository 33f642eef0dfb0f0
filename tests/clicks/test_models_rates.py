"""Click-through rates, and the grades that TripClick makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from model_logs import page_log, pbm_log

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.counting.statistics import Statistics
from benchmark.labels.clicks.models.dctr import dctr_grades
from benchmark.labels.clicks.models.evaluate import evaluate
from benchmark.labels.clicks.models.fitting.priors import Prior
from benchmark.labels.clicks.models.rates import fit_global_rate, fit_pair_rate, fit_rank_rate
from benchmark.labels.clicks.pages import Pages

LOG = page_log([[0, 1], [0, 1], [1, 0], [2, -1]], [[1, 0], [1, 1], [0, 0], [0, 0]], pair_count=4)
PAGE = Pages(np.array([[3, 1], [0, -1]], np.int32), np.zeros((2, 2), bool))


def test_global_rate_is_clicks_by_documents_shown() -> None:
    model = fit_global_rate(LOG)
    np.testing.assert_allclose(model.marginal(PAGE), [[3 / 7, 3 / 7], [3 / 7, 0]])
    np.testing.assert_allclose(model.relevance, 3 / 7)
    np.testing.assert_allclose(model.deviation, np.sqrt(3 / 7 * 4 / 7 / 8))


def test_rank_rate_is_clicks_by_impressions_of_each_rank() -> None:
    np.testing.assert_allclose(fit_rank_rate(LOG).conditional(PAGE), [[2 / 4, 1 / 3], [2 / 4, 0]])


def test_pair_rate_closed_form() -> None:
    model = fit_pair_rate(LOG, prior=Prior(0.5, 2.0))
    np.testing.assert_allclose(model.relevance, [3 / 5, 2 / 5, 1 / 3, 1 / 2])
    np.testing.assert_allclose(model.deviation, np.sqrt([6 / 25 / 6, 6 / 25 / 6, 2 / 9 / 4, 1 / 4 / 3]))
    np.testing.assert_allclose(model.marginal(PAGE), [[1 / 2, 2 / 5], [3 / 5, 0]])


def test_document_rate_is_over_all_queries() -> None:
    model = fit_pair_rate(LOG, prior=Prior(strength=0.0), document=np.array([0, 1, 1, 0]))
    np.testing.assert_allclose(model.relevance, [2 / 3, 1 / 4, 1 / 4, 2 / 3])
    np.testing.assert_allclose(evaluate(model, LOG).log_likelihood, model.log_likelihood)


def test_without_a_prior_an_unseen_pair_has_the_rate_of_the_log() -> None:
    assert fit_pair_rate(LOG, prior=Prior(strength=0.0)).relevance[3] == pytest.approx(3 / 7)


def test_deviation_of_a_rate_shrinks_as_one_over_root_n() -> None:
    def fit(n: int):
        shown = Statistics(1, 1, 1, np.array([0]), np.array([0]), np.array([n]), np.array([n // 4]))
        return fit_pair_rate(shown, prior=Prior(0.25, 2.0)).deviation[0]

    assert fit(1_000) / fit(16_000) == pytest.approx(4, rel=0.01)


def test_each_rate_fits_its_log_better_than_a_coarser_one() -> None:
    rng = np.random.default_rng(0)
    log = pbm_log(rng, 4000, rng.beta(1.2, 4, (20, 8)))
    overall, by_rank = fit_global_rate(log), fit_rank_rate(log)
    by_pair = fit_pair_rate(log, prior=Prior(strength=0.0))
    assert overall.log_likelihood < by_rank.log_likelihood and overall.log_likelihood < by_pair.log_likelihood
    for model in (overall, by_rank, by_pair):
        assert evaluate(model, log).log_likelihood == pytest.approx(model.log_likelihood)


def test_dctr_grades_as_in_tripclick() -> None:
    """301 of 1,000 is above 30 %, 300 is not; 40 is 4 %, 39 is below; no click is 0, never shown is -1."""
    clicks = np.array([301, 300, 40, 39, 1, 0])
    zeros = np.zeros(6, int)
    counted = Statistics(7, 1, 1, np.arange(6), zeros, np.full(6, 1000), clicks)
    assert dctr_grades(counted).tolist() == [3, 2, 2, 1, 1, 0, -1]
    assert dctr_grades(counted, cuts=(0.3, 0.5)).tolist() == [2, 2, 1, 1, 1, 0, -1]


def test_dctr_reads_a_log() -> None:
    assert dctr_grades(LOG).tolist() == [3, 3, 0, -1]


@pytest.mark.parametrize("cuts", [(0.3,), (0.3, 0.04), (0.0, 0.3), (0.1, 1.5)])
def test_impossible_cuts_are_refused(cuts) -> None:
    with pytest.raises(ConfigurationError, match="DCTR cuts"):
        dctr_grades(LOG, cuts)
