"""Log-likelihood and perplexity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from model_logs import PageLog, page_log, pbm_log, ubm_log

from benchmark.errors import DataError
from benchmark.labels.clicks.models.evaluate import evaluate
from benchmark.labels.clicks.models.fitting.probabilities import within
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.rates import fit_global_rate, fit_rank_rate
from benchmark.labels.clicks.models.ubm import fit_ubm
from benchmark.labels.clicks.pages import Pages

GAMMA = np.array([[1.0, 0, 0], [0.3, 0.9, 0], [0.2, 0.3, 0.9]])


@dataclass(frozen=True)
class Oracle:
    """Gives what was clicked the probability `sure`, and what was not 1 - `sure`."""

    sure: float
    pairs: int = 160

    @property
    def relevance(self) -> np.ndarray:
        return np.zeros(self.pairs)

    deviation = relevance

    def conditional(self, pages: Pages) -> np.ndarray:
        return within(np.where(pages.clicked, self.sure, 1 - self.sure), pages)

    marginal = conditional


def some_log(seed: int = 0, impressions: int = 2500) -> PageLog:
    rng = np.random.default_rng(seed)
    return ubm_log(rng, impressions, rng.beta(2, 3, (20, 8)), GAMMA)


def test_the_perplexity_of_a_coin_is_2_and_of_certainty_1() -> None:
    coin, certain = evaluate(Oracle(0.5), some_log()), evaluate(Oracle(1.0), some_log())
    np.testing.assert_allclose(coin.perplexity_by_rank, 2)
    assert coin.perplexity == coin.conditional_perplexity == coin.pooled_perplexity == pytest.approx(2)
    assert coin.per_document == pytest.approx(-np.log(2)) and coin.per_impression == pytest.approx(-3 * np.log(2))
    assert certain.perplexity == pytest.approx(1) and certain.log_likelihood == pytest.approx(0, abs=1e-4)


def test_certainty_that_is_wrong_is_finite() -> None:
    assert np.isfinite(evaluate(Oracle(0.0), some_log()).log_likelihood)


def test_perplexity_of_a_rate_is_two_to_its_entropy() -> None:
    log = some_log()
    rate = log.clicked.mean(axis=0)
    entropy = -(rate * np.log2(rate) + (1 - rate) * np.log2(1 - rate))
    found = evaluate(fit_rank_rate(log), log)
    np.testing.assert_allclose(found.perplexity_by_rank, 2**entropy)
    assert found.perplexity == pytest.approx((2**entropy).mean())
    assert found.pooled_perplexity == pytest.approx(2 ** entropy.mean())  # every rank was shown as often


def test_the_log_likelihood_of_a_page_is_the_product_of_its_conditionals() -> None:
    log = some_log()
    model = fit_ubm(log)
    by_hand = 0.0
    for page, clicks in zip(log.pair[:50], log.clicked[:50], strict=True):
        last = 0
        for k in range(3):
            chance = model.examination[k * (k + 1) // 2 + last] * model.attraction[page[k]]
            by_hand += np.log(chance if clicks[k] else 1 - chance)
            last = k + 1 if clicks[k] else last
    assert evaluate(model, page_log(log.pair[:50], log.clicked[:50], 160)).log_likelihood == pytest.approx(by_hand)
    assert evaluate(model, log).log_likelihood == pytest.approx(model.log_likelihood)


def test_seeing_the_clicks_above_helps_a_model_with_a_memory_only() -> None:
    train, test = some_log(0, 20_000), some_log(0, 20_000)
    browsing, position = evaluate(fit_ubm(train), test), evaluate(fit_pbm(train), test)
    assert browsing.conditional_perplexity < browsing.perplexity - 0.01
    assert position.conditional_perplexity == position.perplexity
    assert browsing.log_likelihood > position.log_likelihood


def test_the_model_that_made_the_log_foretells_it_best() -> None:
    rng = np.random.default_rng(1)
    attraction = rng.beta(1.2, 4, (20, 8))
    train, test = pbm_log(rng, 8000, attraction), pbm_log(rng, 8000, attraction)
    found = [evaluate(fit(train), test).perplexity for fit in (fit_pbm, fit_rank_rate, fit_global_rate)]
    assert found == sorted(found) and found[0] < found[1] - 0.01


def test_blocks_do_not_matter_and_short_pages_count_their_documents() -> None:
    pair, clicked = np.array([[0, 1, -1], [2, -1, -1], [1, 0, -1]]), np.zeros((3, 3))
    clicked[0, 0] = 1
    found = [evaluate(Oracle(0.8, 3), PageLog(pair.astype(np.int32), clicked > 0, 3, block=block)) for block in (1, 99)]
    assert found[0].log_likelihood == pytest.approx(found[1].log_likelihood) == pytest.approx(5 * np.log(0.8))
    assert found[0].documents == 5 and found[0].impressions == 3
    assert np.isnan(found[0].perplexity_by_rank[2]) and found[0].perplexity == pytest.approx(1.25)


def test_an_empty_log_cannot_be_evaluated_on() -> None:
    with pytest.raises(DataError, match="no impression"):
        evaluate(Oracle(0.5, 3), page_log(np.empty((0, 2)), np.empty((0, 2)), 3))


def test_a_log_of_other_pairs_is_not_evaluated_on() -> None:
    with pytest.raises(DataError, match="has 160 pairs, that of the model 3; import both as one log"):
        evaluate(Oracle(0.5, 3), some_log())
