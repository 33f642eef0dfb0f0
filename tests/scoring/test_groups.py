"""Group means: macro weighs strata alike, and a group without queries does not exist."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.scoring import GROUPS, group_means

STRATUM = np.array(["high", "low", "low", "medium", "low", "high", "medium"])
SEEN = np.array([True, True, False, True, False, True, False])
VALUES = np.array([0.2, 0.3, 0.6, 1.0, 0.0, 0.4, 0.6])


def test_means_by_hand() -> None:
    means = group_means(VALUES, STRATUM, SEEN)
    assert tuple(means) == GROUPS == ("macro", "high", "medium", "low", "seen", "unseen")
    expected = {"high": 0.3, "medium": 0.8, "low": 0.3, "macro": 1.4 / 3, "seen": 1.9 / 4, "unseen": 0.4}
    assert {name: float(mean) for name, mean in means.items()} == pytest.approx(expected)


def test_macro_is_not_the_mean_over_queries() -> None:
    assert group_means(VALUES, STRATUM, SEEN)["macro"] != pytest.approx(VALUES.mean())


def test_leading_axes_are_kept() -> None:
    seeds = np.stack([VALUES, 1 - VALUES])
    found = group_means(seeds, STRATUM, SEEN)
    for name, mean in group_means(VALUES, STRATUM, SEEN).items():
        np.testing.assert_allclose(found[name], [mean, 1 - mean])


@pytest.mark.parametrize("absent", ["high", "medium", "low"])
def test_without_a_stratum_there_is_no_macro(absent: str) -> None:
    kept = absent != STRATUM
    assert set(group_means(VALUES[kept], STRATUM[kept], SEEN[kept])) == set(GROUPS) - {"macro", absent}


def test_a_group_without_queries_is_absent() -> None:
    assert "unseen" not in group_means(VALUES, STRATUM, np.ones(7, dtype=bool))
    assert group_means(np.zeros(0), np.zeros(0, dtype=str), np.zeros(0, dtype=bool)) == {}


def test_perfect_values_have_a_mean_of_exactly_1() -> None:
    strata = np.array(["high", "medium", "low"] * 333)
    assert set(group_means(np.ones(999), strata, np.arange(999) % 2 == 0).values()) == {1.0}


def test_a_missing_value_is_never_averaged() -> None:
    with pytest.raises(ValueError, match="query 3 has no finite value"):
        group_means(np.where(np.arange(7) == 3, np.nan, VALUES), STRATUM, SEEN)


def test_an_unknown_stratum_is_refused() -> None:
    with pytest.raises(ValueError, match="'torso' is none of high, medium, low"):
        group_means(VALUES, np.where(STRATUM == "low", "torso", STRATUM), SEEN)
