from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate.browsing import (
    BAIDU_EXAMINATION,
    Cascade,
    ClickChain,
    DependentClick,
    DynamicBayesian,
    PositionBased,
    TrustBias,
    UserBrowsing,
)

MODELS = {
    "pbm": PositionBased(),
    "trust": TrustBias.of(),
    "cascade": Cascade(),
    "dcm": DependentClick((0.9, 0.7, 0.4, 0.3)),
    "dbn": DynamicBayesian(0.8),
    "ccm": ClickChain(0.9, 0.7, 0.2),
    "ubm": UserBrowsing.product(),
}
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
probability = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0]))
pages = st.integers(1, 4).flatmap(lambda k: st.tuples(*[st.lists(probability, min_size=k, max_size=k)] * 2))


def patterns(size: int) -> np.ndarray:
    """Every way to click a page of that many documents."""
    return np.array(list(product([False, True], repeat=size)))


def likelihood(model, attraction: np.ndarray, satisfaction: np.ndarray, clicked: np.ndarray) -> np.ndarray:
    page = np.tile(attraction, (len(clicked), 1)), np.tile(satisfaction, (len(clicked), 1))
    chance = model.conditional(*page, clicked)
    return np.where(clicked, chance, 1 - chance).prod(axis=1)


def clicks(model, attraction, satisfaction, impressions: int = 40_000, seed: int = 0) -> np.ndarray:
    page = np.tile(attraction, (impressions, 1)), np.tile(satisfaction, (impressions, 1))
    return model.draw(*page, np.random.default_rng(seed))


A, S = np.array([0.6, 0.3, 0.5, 0.8]), np.array([0.7, 0.1, 0.5, 0.2])


@every_model
@settings(max_examples=60)
@given(page=pages)
def test_conditional_probabilities_make_a_distribution_whose_marginals_are_the_closed_form(model, page) -> None:
    a, s = map(np.array, page)
    every = patterns(len(a))
    chance = likelihood(model, a, s, every)
    assert chance.min() >= 0 and chance.sum() == pytest.approx(1)
    np.testing.assert_allclose(chance @ every, model.marginal(a[None], s[None])[0], atol=1e-12)


@every_model
@pytest.mark.parametrize("seed", range(3))
def test_click_rates_are_the_closed_form_within_sampling_error(model, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, s = rng.random((2, 10)) if model is not MODELS["dcm"] else rng.random((2, 4))
    expected = model.marginal(a[None], s[None])[0]
    found = clicks(model, a, s, seed=seed).mean(axis=0)
    assert (np.abs(found - expected) <= 4.5 * np.sqrt(expected * (1 - expected) / 40_000) + 1e-12).all()


@every_model
def test_whole_pages_are_clicked_as_often_as_their_likelihood(model) -> None:
    drawn = clicks(model, A, S, seed=1)
    for pattern, chance in zip(patterns(4), likelihood(model, A, S, patterns(4)), strict=True):
        found = (drawn == pattern).all(axis=1).mean()
        assert abs(found - chance) <= 4.5 * np.sqrt(chance * (1 - chance) / 40_000)


@every_model
def test_the_error_of_a_click_rate_shrinks_with_the_root_of_the_impressions(model) -> None:
    expected = model.marginal(A[None], S[None])[0]
    errors = [
        np.sqrt(np.mean([(clicks(model, A, S, n, seed).mean(axis=0) - expected) ** 2 for seed in range(40)]))
        for n in (400, 6400)
    ]
    assert 2.5 < errors[0] / errors[1] < 6.5  # 16 times the impressions: about a quarter of the error


@every_model
def test_nothing_attractive_nothing_clicked_unless_the_rank_is_trusted(model) -> None:
    drawn = clicks(model, np.zeros(4), S, 1000)
    assert drawn.any() == (model is MODELS["trust"])


@every_model
def test_each_page_is_a_matter_of_its_own_row(model) -> None:
    """What is above in the block changes nothing: the closed forms of a block are those of its pages."""
    rng = np.random.default_rng(5)
    a, s, c = rng.random((6, 4)), rng.random((6, 4)), rng.random((6, 4)) < 0.5
    together = model.marginal(a, s), model.conditional(a, s, c)
    for i in range(6):
        row = slice(i, i + 1)
        np.testing.assert_array_equal(together[0][row], model.marginal(a[row], s[row]))
        np.testing.assert_array_equal(together[1][row], model.conditional(a[row], s[row], c[row]))


# Second rank by hand: a1 = 0.6, a2 = 0.3, s1 = 0.7.
@pytest.mark.parametrize(
    ("model", "second"),
    [
        (PositionBased((1.0, 0.5)), 0.5 * 0.3),
        (TrustBias((0.8, 0.5), (0.2, 0.1)), 0.5 * 0.3 + 0.1),
        (Cascade(), 0.3 * (1 - 0.6)),
        (DependentClick((0.25, 0.5)), 0.3 * (1 - 0.6 * (1 - 0.25))),
        (DynamicBayesian(0.9), 0.3 * 0.9 * (1 - 0.6 * 0.7)),
        (ClickChain(0.9, 0.7, 0.2), 0.3 * (0.4 * 0.9 + 0.6 * (0.7 * 0.4 + 0.2 * 0.6))),
        (UserBrowsing(((1.0,), (0.5, 0.9))), 0.3 * (0.4 * 0.5 + 0.6 * 0.9)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_second_rank_by_hand(model, second: float) -> None:
    assert model.marginal(A[None, :2], S[None, :2])[0, 1] == pytest.approx(second)


@given(st.integers(0, 1000))
def test_a_cascade_has_at_most_one_click(seed: int) -> None:
    a = np.random.default_rng(seed).random((200, 10))
    assert Cascade().draw(a, a, np.random.default_rng(seed)).sum(axis=1).max() <= 1


def test_examination_after_a_click_at_rank_r_is_that_of_rank_r() -> None:
    model = UserBrowsing(((0.9,), (0.8, 0.7), (0.6, 0.5, 0.4)))
    clicked = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], dtype=bool)
    assert model.conditional(np.ones((4, 3)), np.ones((4, 3)), clicked).tolist() == [
        [0.9, 0.8, 0.6],
        [0.9, 0.7, 0.5],
        [0.9, 0.8, 0.4],
        [0.9, 0.7, 0.4],
    ]


def test_examination_by_rank_and_distance_to_the_last_click() -> None:
    model = UserBrowsing.product((0.8, 0.4, 0.2), (3.0, 2.0))
    assert model.examination[0] == (0.8,)
    assert model.examination[1] == pytest.approx((0.4, 1.0))  # 0.4 * 3 is no probability: the user looks for certain
    assert model.examination[2] == pytest.approx((0.2, 0.4, 0.6))  # a click two ranks above, one rank above


REDUCTIONS = {
    "DBN, gamma 1, always satisfied: cascade": (DynamicBayesian(1.0), Cascade(), 1.0),
    "DCM, lambda 0: cascade": (DependentClick((0.0,) * 10), Cascade(), None),
    "CCM, alphas 1, 0, 0: cascade": (ClickChain(1.0, 0.0, 0.0), Cascade(), None),
    "DCM, lambda 1: every document examined": (DependentClick((1.0,) * 10), PositionBased((1.0,) * 10), None),
    "DBN, never satisfied, gamma 1: every document examined": (DynamicBayesian(1.0), PositionBased((1.0,) * 10), 0.0),
    "DBN, equal satisfaction: DCM": (DynamicBayesian(1.0), DependentClick((0.3,) * 10), 0.7),
    "UBM, distance of no account: position-based": (
        UserBrowsing.product(by_distance=(1.0,) * 9),
        PositionBased(),
        None,
    ),
    "trust, beta 0: position-based": (TrustBias(BAIDU_EXAMINATION, (0.0,) * 10), PositionBased(), None),
}


@pytest.mark.parametrize(("model", "reduced", "satisfied"), REDUCTIONS.values(), ids=REDUCTIONS)
def test_reductions(model, reduced, satisfied: float | None) -> None:
    """The same probabilities and, since every model takes the same uniforms, the same clicks."""
    rng = np.random.default_rng(3)
    a, s = rng.random((2, 5000, 10))
    s = s if satisfied is None else np.full_like(s, satisfied)
    ours, theirs = (m.draw(a, s, np.random.default_rng(4)) for m in (model, reduced))
    np.testing.assert_allclose(model.marginal(a, s), reduced.marginal(a, s), atol=1e-12)
    np.testing.assert_allclose(model.conditional(a, s, ours), reduced.conditional(a, s, ours), atol=1e-12)
    assert (ours == theirs).mean() == 1


def test_trust_from_its_parts() -> None:
    model = TrustBias.of((1.0, 0.5), (0.9, 0.8), (0.4, 0.2))
    np.testing.assert_allclose(model.alpha, [0.5, 0.3])
    np.testing.assert_allclose(model.beta, [0.4, 0.1])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: PositionBased((1.0, 1.2)), "1.2, which is no probability"),
        (lambda: PositionBased(()), "examination is empty"),
        (lambda: DependentClick((float("nan"),)), "nan, which is no probability"),
        (lambda: DynamicBayesian(-0.1), "gamma has -0.1"),
        (lambda: ClickChain(pleased=2), "pleased has 2"),
        (lambda: TrustBias((0.9,), (0.2,)), r"alpha \+ beta must be a probability"),
        (lambda: TrustBias((0.9,), (0.1, 0.1)), r"alpha \+ beta must be a probability"),
        (lambda: TrustBias((float("nan"),), (0.1,)), r"alpha \+ beta must be a probability"),
        (lambda: UserBrowsing(((1.0,), (0.5,))), "no triangle"),
        (lambda: UserBrowsing.product((1.0, 0.5, 0.2), (1.0,)), "by_distance has 1 distances"),
        (lambda: PositionBased((1.0,)).marginal(A[None], S[None]), "has 1 ranks, the page 4"),
        (lambda: DependentClick((1.0,)).marginal(A[None], S[None]), "has 1 ranks, the page 2"),
        (lambda: UserBrowsing(((1.0,),)).marginal(A[None], S[None]), "has 1 ranks, the page 4"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_one_line(wrong, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        wrong()
    assert "\n" not in str(caught.value)
