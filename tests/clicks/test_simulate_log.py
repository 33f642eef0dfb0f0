from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate import (
    VARIANTS,
    Attraction,
    Block,
    ClickThrough,
    RandomClicks,
    SimulatedPages,
    Simulation,
    Simulator,
    UserModel,
    document_quality,
    simulate,
)
from benchmark.labels.clicks.simulate.browsing import BAIDU_EXAMINATION, DynamicBayesian, PositionBased
from benchmark.labels.clicks.simulate.policies import SwapsWithFirst, Top

PLAIN = Simulation(UserModel(Attraction.binary(quality=0.0)))


def world(queries: int = 40, size: int = 20, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Production rank, relevance and quality of random lists."""
    rng = np.random.default_rng(seed)
    rank = np.stack([rng.permutation(size) + 1 for _ in range(queries)])
    return rank, rng.random((queries, size)) < 0.2, rng.standard_normal((queries, size))


def draw(impressions: int, simulation: Simulation = PLAIN, seed: int = 0) -> Block:
    return simulate(np.full(40, impressions // 40), *world(), simulation, seed)


def streamed(impressions: int, simulation: Simulation = PLAIN, seed: int = 0) -> SimulatedPages:
    return SimulatedPages(Simulator(*world(), simulation), np.full(40, impressions // 40), seed)


def equal(one: Block, other: Block) -> bool:
    return all((a == b).all() and a.dtype == b.dtype for a, b in zip(one, other, strict=True))


# Who looks


def test_click_rate_is_examination_times_attraction() -> None:
    query, shown, clicked = draw(200_000)
    attraction = np.where(np.take_along_axis(world()[1][query], shown.astype(int), 1), 0.6, 0.1)
    for rank, examination in enumerate(BAIDU_EXAMINATION):
        expected = examination * attraction[:, rank]
        assert abs(clicked[:, rank].sum() - expected.sum()) < 4 * np.sqrt((expected * (1 - expected)).sum())


def test_quality_shifts_the_logit_of_attraction() -> None:
    grade, quality = np.array([[0, 1, 1]]), np.array([[2.0, -1.0, 0.0]])
    found = Attraction((0.1, 0.6), quality=0.5).of(grade, quality)
    np.testing.assert_allclose(found, [[expit(logit(0.1) + 1.0), expit(logit(0.6) - 0.5), 0.6]])


def test_attraction_of_grades_is_exponential() -> None:
    assert Attraction.graded(2, noise=0.1).by_grade == pytest.approx((0.1, 0.1 + 0.9 / 3, 1.0))


@given(st.floats(0, 1), st.floats(0, 1))
def test_binary_attraction_without_quality_is_its_parameters(relevant: float, noise: float) -> None:
    found = Attraction.binary(relevant, noise, quality=0.0).of(np.array([True, False]), np.zeros(2))
    np.testing.assert_allclose(found, [relevant, noise], atol=1e-12)


def test_quality_is_standard_normal_and_of_the_document_alone() -> None:
    docnos = np.array([[f"d{i}" for i in range(5000)], [f"d{i}" for i in reversed(range(5000))]])
    quality = document_quality(docnos, seed=1)
    assert (quality[0] == quality[1][::-1]).all()
    assert abs(quality[0].mean()) < 0.06 and abs(quality[0].std() - 1) < 0.05


def test_satisfaction_comes_from_the_grade_alone() -> None:
    """Documents that attract by quality do not satisfy: users satisfied by relevance only stop there."""
    user = UserModel(Attraction((1.0, 1.0), 0.0), DynamicBayesian(1.0), satisfaction=(0.0, 1.0))
    query, shown, clicked = draw(4000, Simulation(user))
    relevant = np.take_along_axis(world()[1][query], shown.astype(int), 1)
    assert (clicked == (np.cumsum(relevant, axis=1) - relevant == 0)).all()


@pytest.mark.parametrize("random", [RandomClicks(), RandomClicks(0.05), RandomClicks(0, 0.3), RandomClicks(0.05, 0.3)])
def test_random_clicks_have_their_closed_form(random: RandomClicks) -> None:
    p = np.array([[0.5, 0.2, 0.1]])
    rng = np.random.default_rng(1)
    found = random.add(rng.random((60_000, 3)) < p, rng).mean(axis=0)
    expected = random.marginal(p)[0]
    assert (np.abs(found - expected) < 4.5 * np.sqrt(expected * (1 - expected) / 60_000)).all()


def test_a_share_of_impressions_clicks_at_random_once() -> None:
    clicked = RandomClicks(impressions=1.0).add(np.ones((500, 10), dtype=bool), np.random.default_rng(0))
    assert (clicked.sum(axis=1) == 1).all()


# The log


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_seed_gives_the_same_log_and_another_another(variant: str) -> None:
    one, again, other = (draw(4000, VARIANTS[variant], seed) for seed in (1, 1, 2))
    assert equal(one, again) and not (one.clicked == other.clicked).all()


@settings(max_examples=20)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6), st.integers(0, 99))
def test_every_query_has_its_impressions(counts: list[int], seed: int) -> None:
    impressions, of = np.array(counts), world(len(counts))
    log = simulate(impressions, *of, PLAIN, seed)
    flat = SimulatedPages(Simulator(*of, PLAIN), impressions, seed)
    assert (np.bincount(log.query, minlength=len(counts)) == impressions).all()
    drawn = [block.query for block in flat.blocks()]
    assert (np.bincount(np.concatenate([[], *drawn]).astype(int), minlength=len(counts)) == impressions).all()
    assert len(log.query) == len(flat) == impressions.sum()


def test_without_jitter_every_page_is_the_production_ranking() -> None:
    query, shown, _ = draw(400, replace(PLAIN, policy=Top()))
    assert (np.take_along_axis(world()[0][query], shown.astype(int), 1) == np.arange(1, 11)).all()


def test_impressions_of_a_query_are_spread_over_the_log() -> None:
    """In order of time: the first half of the log holds half of a query's impressions, within sampling error."""
    for query in (draw(8000).query, np.concatenate([block.query for block in streamed(8000).blocks()])):
        assert (np.abs(np.bincount(query[:4000], minlength=40) - 100) < 4.5 * np.sqrt(200 / 4)).all()


def test_a_swap_experiment_shows_the_examination() -> None:
    """The first document at rank 1 and at rank k: their ratio of click rates is theta_1 / theta_k."""
    query, shown, clicked = draw(400_000, replace(PLAIN, policy=SwapsWithFirst()))
    first = np.take_along_axis(world()[0][query], shown.astype(int), 1) == 1
    rate = np.array([clicked[first[:, k], k].mean() for k in range(10)])
    error = np.sqrt(rate * (1 - rate) / first.sum(axis=0))
    assert (np.abs(rate - rate[0] * np.array(BAIDU_EXAMINATION)) < 5 * error + 1e-9).all()


# The log that is never held whole


def test_blocks_are_the_same_at_every_reading_however_far_an_earlier_one_went() -> None:
    log = streamed(200_000, seed=3)
    whole = list(log.blocks())
    assert [len(block.query) for block in whole] == [65_536, 65_536, 65_536, 3392]
    assert all(map(equal, islice(log.blocks(), 2), whole))
    assert all(map(equal, streamed(200_000, seed=3).blocks(), whole))
    assert not equal(next(streamed(200_000, seed=4).blocks()), whole[0])


def test_pages_and_clicks_of_a_block_depend_on_its_queries_and_number_alone() -> None:
    log = streamed(200_000, seed=3)
    block = list(log.blocks())[2]
    assert equal(log.simulator.block(block.query, np.random.default_rng([3, 2])), block)


def test_a_policy_that_draws_nothing_leaves_the_order_of_queries() -> None:
    other = replace(PLAIN, policy=Top())
    pairs = zip(streamed(100_000).blocks(), streamed(100_000, other).blocks(), strict=True)
    assert all((one.query == two.query).all() for one, two in pairs)


@pytest.mark.parametrize("variant", ["", "dbn-strong"])
def test_streamed_and_whole_logs_have_the_same_law(variant: str) -> None:
    whole = draw(200_000, VARIANTS[variant], seed=1).clicked
    parts = np.concatenate([block.clicked for block in streamed(200_000, VARIANTS[variant], seed=2).blocks()])
    rate = (whole.mean(axis=0) + parts.mean(axis=0)) / 2
    assert (np.abs(whole.mean(axis=0) - parts.mean(axis=0)) < 4.5 * np.sqrt(2 * rate * (1 - rate) / 200_000)).all()


def test_pages_number_the_pairs_query_by_query() -> None:
    log = streamed(4000)
    (block,), (pages,) = log.blocks(), log.pages()
    assert log.page_size == 10 and log.pair_count == 800 and len(log.pair_query) == 800
    assert (log.pair_query[pages.pair] == block.query[:, None]).all() and (pages.pair % 20 == block.shown).all()
    assert pages.pair.dtype == np.int32 and (pages.clicked == block.clicked).all() and pages.shown.all()


def test_click_through_of_blocks_is_that_of_the_log() -> None:
    log = streamed(100_000, VARIANTS[""])
    clicked = np.concatenate([block.clicked for block in log.blocks()])
    found = ClickThrough.of(log.pages())
    expected = (100_000, clicked.sum(1).mean(), clicked[:, 0].mean(), 1 - clicked.any(1).mean())
    assert (found.impressions, found.clicks, found.first, found.none) == pytest.approx(expected)
    assert ClickThrough.of([]) == ClickThrough(0, 0.0, 0.0, 0.0)


def few(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return world(2, size)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Simulator(*few(9), PLAIN), "pages of 10 from 9 candidates"),
        (lambda: Simulator(*few(257), PLAIN), "from 257 candidates"),
        (lambda: Simulator(few(20)[0], few(20)[1], np.zeros((2, 19)), PLAIN), "have shapes"),
        (lambda: simulate(np.ones(2, int), few(20)[0], np.full((2, 20), 2), few(20)[2], PLAIN, 0), "has 2 grades"),
        (lambda: simulate(np.ones(2, int), few(20)[0], np.full((2, 20), -1), few(20)[2], PLAIN, 0), "has 2 grades"),
        (lambda: SimulatedPages(Simulator(*few(20), PLAIN), np.ones(3, int), 0), "3 counts of impressions"),
        (lambda: SimulatedPages(Simulator(*few(20), PLAIN), np.array([-1, 2]), 0), "none negative"),
        (lambda: SimulatedPages(Simulator(*few(20), PLAIN), np.array([10**9, 2]), 0), "fewer than 1,000,000,000"),
        (lambda: simulate(np.ones(3, int), *few(20), PLAIN, 0), "3 counts of impressions for 2 queries"),
        (lambda: simulate(np.array([1, -1]), *few(20), PLAIN, 0), "none negative"),
        (lambda: Simulation(page_size=0), "page_size is 0"),
        (lambda: Attraction((0.1, 1.6)), "by_grade has 1.6"),
        (lambda: UserModel(satisfaction=(0.1, -1)), "satisfaction has -1"),
        (lambda: RandomClicks(documents=1.1), "documents has 1.1"),
        (lambda: draw(40, Simulation(UserModel(browsing=PositionBased((1.0, 0.5))))), "2 ranks, the page 10"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_one_line(wrong, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        wrong()
    assert "\n" not in str(caught.value)
