"""Bradley-Terry strengths: closed forms, the model's own data, and what holds for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.labels.llm.tournament import PRIOR, strengths


def compared(wins: list[list[float]]) -> np.ndarray:
    """From w_ij, how often i won against j."""
    won = np.array(wins, dtype=np.float64)
    count = won + won.T
    return np.stack([np.divide(won, count, out=np.zeros_like(won), where=count > 0), count], axis=-1)[None]


def test_two_documents_without_a_prior_by_hand() -> None:
    """Three wins to one: the strengths are as 3 to 1."""
    found = strengths(compared([[0, 3], [1, 0]]), prior=1e-9)[0]
    assert found[0] - found[1] == pytest.approx(np.log(3), abs=1e-4)


def test_a_document_that_always_wins_has_bounds() -> None:
    """With the prior e^b solves e^b = (n + s) / (n / (e^b + e^-b) + 2 s / (e^b + 1)), by symmetry; here n = 1."""
    b = strengths(compared([[0, 1], [0, 0]]))[0]
    assert b[1] == pytest.approx(-b[0], abs=1e-6)
    e = np.exp(b[0])
    assert e * (1 / (e + 1 / e) + 2 * PRIOR / (e + 1)) == pytest.approx(1 + PRIOR, abs=1e-6)


def test_the_models_own_preferences_give_its_strengths() -> None:
    truth = np.array([1.0, 0.3, -0.2, -1.1])
    p = 1 / (1 + np.exp(truth[None, :] - truth[:, None]))
    many = np.stack([p, np.full_like(p, 1e4)], axis=-1)
    many[np.arange(4), np.arange(4)] = 0
    found = strengths(many[None])[0]
    np.testing.assert_allclose(found - found.mean(), truth - truth.mean(), atol=1e-3)


def test_what_was_never_compared_has_no_strength() -> None:
    found = strengths(compared([[0, 1, 0], [0, 0, 0], [0, 0, 0]]))[0]
    assert np.isnan(found).tolist() == [False, False, True]
    assert np.isnan(strengths(np.zeros((2, 3, 3, 2)))).all()


@given(st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=4, max_size=4))
def test_names_do_not_matter_and_turning_all_preferences_turns_the_signs(wins: list[list[int]]) -> None:
    won = np.array(wins, dtype=float) * (1 - np.eye(4))
    found = strengths(compared(won.tolist()))[0]
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(strengths(compared(won[np.ix_(order, order)].tolist()))[0], found[order], atol=1e-5)
    np.testing.assert_allclose(strengths(compared(won.T.tolist()))[0], -found, atol=1e-5)
