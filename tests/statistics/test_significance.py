"""All pairs at once: exact small cases, one-sample references, false findings under the null, power under an effect.

Most cases have one seed, and so queries alone; those of seeds stand at the end.
"""

from __future__ import annotations

import warnings
from itertools import product

import numpy as np
import pytest
from scipy import stats

from benchmark.scoring.ranked import Floats
from benchmark.statistics import compare_all
from benchmark.statistics.seeds import FEWEST_SEEDS

STRATUM = np.repeat(["high", "medium", "low"], [40, 50, 60])
STRATA = ("high", "medium", "low")


def null_values(rng: np.random.Generator, systems: int = 6) -> Floats:
    """Systems that differ by chance only: skewed query difficulty, noise of its own per system and stratum."""
    spread = np.select([STRATUM == "high", STRATUM == "medium"], [0.05, 0.2], 0.4)
    values = rng.beta(0.5, 0.5, len(STRATUM)) + spread * rng.normal(size=(systems, len(STRATUM)))
    return values[:, None]


def test_shape_pairs_and_differences() -> None:
    values = null_values(np.random.default_rng(0), systems=4)
    found = compare_all(values, STRATUM, flips=200)
    assert found.columns == ("macro", *STRATA)
    assert found.pairs.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    assert found.p.shape == found.difference.shape == (6, 4)
    means = np.stack([values[:, 0, name == STRATUM].mean(axis=1) for name in STRATA], axis=1)
    first, second = found.pairs.T
    np.testing.assert_allclose(found.difference[:, 1:], means[first] - means[second], atol=1e-12)
    np.testing.assert_allclose(found.difference[:, 0], (means[first] - means[second]).mean(axis=1), atol=1e-12)


def test_p_against_all_sign_flips_counted_one_by_one() -> None:
    """Two systems, one stratum of ten queries: the share of the 1,024 flips whose |t| reaches the observed |t|."""
    rng = np.random.default_rng(3)
    values = np.stack([rng.random(10) + 0.4, rng.random(10)])
    difference = values[0] - values[1]
    flipped = np.array(list(product((-1, 1), repeat=10))) * difference
    t = np.abs(stats.ttest_1samp(flipped, 0, axis=1).statistic)
    exact = (t >= t[-1] * (1 - 1e-9)).mean()
    assert 0.01 < exact < 0.5
    found = compare_all(values[:, None], np.full(10, "low"), flips=20000)
    assert found.columns == ("low",)
    assert found.p[0, 0] == pytest.approx(exact, abs=0.01)


def test_max_t_against_all_sign_flips_counted_one_by_one() -> None:
    """Three systems, eleven queries: the largest |t| over pairs, strata and macro in each of the 2,048 flips."""
    sizes = {"high": 3, "medium": 3, "low": 5}
    stratum = np.repeat(list(sizes), list(sizes.values()))
    values = np.random.default_rng(8).random((3, 11)) + np.array([[0.5], [0.2], [0.0]])
    signs = np.array(list(product((-1, 1), repeat=11)))
    t = np.empty((2048, 3, 4))
    for pair, (i, j) in enumerate([(0, 1), (0, 2), (1, 2)]):
        flipped = signs * (values[i] - values[j])
        parts = [flipped[:, stratum == name] for name in sizes]
        means = [part.mean(axis=1) for part in parts]
        errors = [stats.sem(part, axis=1) for part in parts]
        t[:, pair, 0] = sum(means) / np.sqrt(sum(error**2 for error in errors))
        t[:, pair, 1:] = np.stack(means, axis=1) / np.stack(errors, axis=1)
    largest = np.abs(t).max(axis=(1, 2))
    exact = (largest[:, None, None] >= np.abs(t[-1]) * (1 - 1e-9)).mean(axis=0)
    assert exact.min() < 0.3
    np.testing.assert_allclose(compare_all(values[:, None], stratum, flips=20000).p, exact, atol=0.015)
    for against, pairs in ((0, [0, 1]), (1, [0, 2]), (2, [1, 2])):
        some = np.abs(t[:, pairs, 0])
        exact = (some.max(axis=1)[:, None] >= some[-1] * (1 - 1e-9)).mean(axis=0)
        found = compare_all(values[:, None], stratum, against=against, columns=["macro"], flips=20000)
        assert found.columns == ("macro",) and found.p.shape == (2, 1)
        np.testing.assert_allclose(found.p[:, 0], exact, atol=0.015)


def test_what_is_not_compared_counts_for_nothing() -> None:
    """One system against others: fewer comparisons, the same differences, no larger p; the rest has no p."""
    values = null_values(np.random.default_rng(1))
    values[2] += 0.04
    every = compare_all(values, STRATUM, flips=2000)
    found = compare_all(values, STRATUM, against=2, columns=("macro", "low"), flips=2000)
    assert found.pairs.tolist() == [[2, 0], [2, 1], [2, 3], [2, 4], [2, 5]]
    others = [0, 1, 3, 4, 5]
    for column in found.columns:
        assert np.all(found.p_matrix(column)[2, others] <= every.p_matrix(column)[2, others])
        assert np.isnan(found.p_matrix(column)[0, 1]) and found.p_matrix(column)[0, 0] == 1
    assert found.critical < every.critical
    means = [values[:, 0, name == STRATUM].mean(axis=1) for name in STRATA]
    np.testing.assert_allclose(found.difference[:, 0], np.mean(means, axis=0)[2] - np.mean(means, axis=0)[others])


@pytest.mark.parametrize("asked", [{"against": 6}, {"against": -1}, {"columns": ()}, {"columns": ("all",)}])
def test_what_cannot_be_compared_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^(against|columns) "):
        compare_all(null_values(np.random.default_rng(1)), STRATUM, **asked)  # type: ignore[arg-type]


def test_a_single_comparison_agrees_with_the_t_test() -> None:
    values = null_values(np.random.default_rng(5), systems=2)[:, :, STRATUM == "low"]
    values[0] += 0.1
    found = compare_all(values, STRATUM[STRATUM == "low"], flips=20000)
    assert found.p[0, 0] == pytest.approx(stats.ttest_rel(*values[:, 0]).pvalue, abs=0.02)


def test_adjusted_p_is_never_below_that_of_the_comparison_alone() -> None:
    values = null_values(np.random.default_rng(1))
    values[0] += 0.1
    together = compare_all(values, STRATUM, flips=4000)
    for pair, (i, j) in enumerate(together.pairs):
        alone = compare_all(values[[i, j]][:, :, STRATUM == "low"], STRATUM[STRATUM == "low"], flips=4000)
        assert together.p[pair, together.columns.index("low")] >= alone.p[0, 0] - 0.03


def test_the_smallest_p_is_one_over_flips_plus_one() -> None:
    values = null_values(np.random.default_rng(2), systems=3)
    values[1] += 10
    assert compare_all(values, STRATUM, flips=999).p.min() == 1 / 1000


def test_equal_systems_cannot_be_told_apart() -> None:
    values = null_values(np.random.default_rng(4), systems=3)
    # The third repeats the first but for the rounding that a mean over seeds leaves.
    values[2] = values[0] + 1e-16 * np.random.default_rng(0).integers(-1, 2, len(STRATUM))
    found = compare_all(values, STRATUM, flips=500)
    assert np.all(found.p[1] == 1)
    assert np.all(found.difference[1] == 0)


def test_a_constant_difference_is_the_clearest_of_all() -> None:
    values = np.stack([np.full(len(STRATUM), 0.5), np.full(len(STRATUM), 0.4)])
    assert np.all(compare_all(values[:, None], STRATUM, flips=999).p == 1 / 1000)


def test_deterministic_and_blind_to_the_order_of_systems() -> None:
    values = null_values(np.random.default_rng(6))
    values[2] += 0.05
    first, again = (compare_all(values, STRATUM, flips=1000, seed=9) for _ in range(2))
    np.testing.assert_array_equal(first.p, again.p)
    backwards = compare_all(values[::-1], STRATUM, flips=1000, seed=9)
    np.testing.assert_allclose(backwards.p_matrix()[::-1, ::-1], first.p_matrix(), atol=1e-12)


def test_p_matrix_is_symmetric_with_ones_on_the_diagonal() -> None:
    found = compare_all(null_values(np.random.default_rng(7)), STRATUM, flips=300)
    for column in found.columns:
        matrix = found.p_matrix(column)
        assert np.array_equal(matrix, matrix.T)
        assert np.all(np.diag(matrix) == 1)
        assert matrix[1, 3] == found.p[6, found.columns.index(column)]


def test_strata_of_fewer_than_two_queries_are_left_out() -> None:
    stratum = np.array(["high", *["low"] * 9])
    found = compare_all(np.random.default_rng(0).random((3, 1, 10)), stratum, flips=100)
    assert found.columns == ("low",)
    with pytest.raises(ValueError, match="no stratum has two queries"):
        compare_all(np.random.default_rng(0).random((3, 1, 1)), stratum[:1])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ones((1, 5, 150)), "systems >= 2"),
        (np.ones((2, 150)), "systems >= 2, seeds, queries"),
        (np.ones((2, 0, 150)), "systems >= 2, seeds, queries"),
        (np.full((2, 5, 150), np.nan), "system 0 has a value that is not finite"),
    ],
)
def test_values_that_cannot_be_compared_are_refused(values: Floats, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare_all(values, STRATUM)


def test_false_findings_anywhere_are_as_rare_as_promised() -> None:
    """Family-wise error over 15 pairs x 4 columns in 1,000 null worlds: 5 %, give or take 2.6 standard errors."""
    rng = np.random.default_rng(11)
    any_finding = [compare_all(null_values(rng), STRATUM, flips=199).p.min() <= 0.05 for _ in range(1000)]
    assert np.mean(any_finding) == pytest.approx(0.05, abs=0.018)


def test_a_planted_effect_is_found_where_it_was_planted() -> None:
    rng = np.random.default_rng(12)
    found, elsewhere = [], []
    for _ in range(60):
        values = null_values(rng)
        values[0, :, STRATUM == "high"] += 0.06
        result = compare_all(values, STRATUM, flips=299)
        planted = result.pairs[:, 0] == 0
        high = result.columns.index("high")
        found.append((result.p[planted, high] <= 0.05).mean())
        others = np.delete(result.p[~planted], result.columns.index("macro"), axis=1)
        elsewhere.append((others <= 0.05).any())
    # 0.06 is 5.4 standard errors of a difference, and max-T asks for about 3.5.
    assert np.mean(found) > 0.9
    assert np.mean(elsewhere) < 0.12


def trained(rng: np.random.Generator, noise: float, systems: int = 2, seeds: int = 5) -> Floats:
    """Equal systems [M, S, Q]: each training moves all queries of a stratum by about `noise`, and each a little."""
    runs = noise * rng.normal(size=(systems, seeds, len(STRATA)))
    common = np.repeat(runs, [40, 50, 60], axis=2)
    values: Floats = null_values(rng, systems) + common + 0.02 * rng.normal(size=common.shape)
    return values


def test_equal_seeds_change_nothing() -> None:
    """A system that gives the same under every seed has no noise of training: to the last bit as with one seed."""
    values = null_values(np.random.default_rng(13), systems=4)
    one, five = (compare_all(np.repeat(values, seeds, axis=1), STRATUM, flips=500) for seeds in (1, 5))
    np.testing.assert_array_equal(one.p, five.p)
    np.testing.assert_allclose(one.difference, five.difference, atol=1e-12)


def test_seeds_alone_against_all_signs_counted_one_by_one() -> None:
    """Queries that all differ alike: Student's t of the runs of two systems, in each of the 1,024 signs of ten runs."""
    runs = np.array([[0.9, 0.4, 1.6, 0.7, 1.3], [0.6, 0.1, 0.8, -0.2, 1.1]])
    found = compare_all(runs[:, :, None] + np.zeros(60), np.full(60, "low"), flips=20000)
    signs = np.array(list(product((-1, 1), repeat=10))).reshape(-1, 2, 5)
    flipped = signs * (runs - runs.mean(axis=1, keepdims=True)) * np.sqrt(5 / 4)
    t = np.abs(stats.ttest_ind(flipped[:, 0], flipped[:, 1], axis=1).statistic)
    exact = (t >= abs(stats.ttest_ind(*runs).statistic)).mean()
    assert 0.01 < exact < 0.5
    assert found.p[0, 0] == pytest.approx(exact, abs=0.01)


def test_max_t_over_seeds_against_all_signs_counted_one_by_one() -> None:
    """Queries of a stratum that all differ alike: the largest |t| over strata and macro in each of the 1,024 signs.

    A run has one sign in all columns, and the runs of macro are the means of those of the strata.
    """
    runs = np.random.default_rng(0).normal(size=(2, 5, 3)) + np.array([[[2.0, 1.5, 0.5]], [[0.0, 0.0, 0.0]]])
    found = compare_all(np.repeat(runs, [40, 50, 60], axis=2), STRATUM, flips=20000)
    assert found.columns == ("macro", *STRATA)
    signs = np.array(list(product((-1, 1), repeat=10))).reshape(-1, 2, 5, 1)
    columns = np.concatenate([runs.mean(axis=2, keepdims=True), runs], axis=2)
    flipped = signs * (columns - columns.mean(axis=1, keepdims=True)) * np.sqrt(5 / 4)
    largest = np.abs(stats.ttest_ind(flipped[:, 0], flipped[:, 1], axis=1).statistic).max(axis=1)
    exact = (largest[:, None] >= np.abs(stats.ttest_ind(*columns).statistic)).mean(axis=0)
    assert 0.01 < exact.min() < exact.max() < 0.9
    np.testing.assert_allclose(found.p[0], exact, atol=0.012)


def test_only_the_noisy_system_of_a_pair_adds_to_its_error() -> None:
    """A clear difference to a deterministic system stays one, while the same difference to a noisy one is lost."""
    rng = np.random.default_rng(15)
    values = np.repeat(null_values(rng, systems=3), 5, axis=1)
    values[1:] = values[0] + 0.1 + 0.02 * rng.normal(size=(2, 1, len(STRATUM)))
    values[2] += np.linspace(-0.5, 0.5, 5)[:, None]
    found = compare_all(values, STRATUM, flips=2000).p_matrix()
    assert found[0, 1] < 0.01
    assert found[0, 2] > 0.5


def test_the_order_of_seeds_says_nothing() -> None:
    values = trained(np.random.default_rng(16), 0.05, systems=3)
    moved = values.copy()
    moved[1] = values[1, [3, 1, 4, 0, 2]]
    one, two = (compare_all(each, STRATUM, flips=4000) for each in (values, moved))
    np.testing.assert_allclose(one.p, two.p, atol=0.03)


@pytest.mark.parametrize(
    ("noise", "systems", "seeds"), [(0.02, 2, 5), (0.1, 2, 5), (0.5, 2, 5), (0.1, 6, 5), (0.1, 2, 3)]
)
def test_training_again_is_no_difference(noise: float, systems: int, seeds: int) -> None:
    """A/A: the same system trained twice, with more and with less noise of training than of queries."""
    rng = np.random.default_rng(17)
    worlds = [trained(rng, noise, systems, seeds) for _ in range(400)]
    found = np.mean([compare_all(world, STRATUM, flips=199).p.min() <= 0.05 for world in worlds])
    # 0.05, give or take 2.7 standard errors.
    assert 0.02 < found < 0.08
    if noise == 0.5:
        averaged = [world.mean(axis=1, keepdims=True) for world in worlds[:100]]
        assert np.mean([compare_all(world, STRATUM, flips=199).p.min() <= 0.05 for world in averaged]) > 0.5


def sextet(seeds: int) -> Floats:
    """Five copies of one system, and the same 0.5 higher, under each of a few seeds."""
    rng = np.random.default_rng(18)
    one = rng.beta(0.5, 0.5, len(STRATUM)) + 0.05 * rng.normal(size=(seeds, 1))
    return np.stack([one] * 5 + [one + 0.5])


@pytest.mark.parametrize("seeds", [4, 5])
def test_systems_that_are_equal_do_not_hide_what_a_third_differs_by(seeds: int) -> None:
    """A pair without a difference under any seed has no t, and so no say in how large another pair's must be."""
    for copies in (2, 5):
        found = compare_all(sextet(seeds)[-1 - copies :], STRATUM, flips=2000).p_matrix()
        assert found[-1, :-1].max() < 0.01
        assert np.all(found[:-1, :-1] == 1)


def test_two_equal_systems_have_no_t_under_any_resample() -> None:
    values = trained(np.random.default_rng(19), 0.5, systems=2, seeds=4)
    assert compare_all(values, STRATUM, flips=500).critical > 0
    values[1] = values[0]
    found = compare_all(values, STRATUM, flips=500)
    assert np.all(found.p == 1) and np.all(found.difference == 0) and found.critical == 0


@pytest.mark.parametrize("flips", [99, 999, 5000])
def test_the_critical_value_parts_what_is_found_from_what_is_not(flips: int) -> None:
    """Two systems that differ by a constant on one stratum: t grows with it, p falls below 0.05 where t passes."""
    values = null_values(np.random.default_rng(20), systems=2)[:, :, STRATUM == "low"]
    difference = values[0, 0] - values[1, 0]
    for shift in np.linspace(0.0, 0.3, 40):
        moved = values + np.array([shift, 0.0])[:, None, None]
        found = compare_all(moved, np.full(60, "low"), flips=flips)
        t = abs(stats.ttest_1samp(difference + shift, 0).statistic)
        assert (found.p[0, 0] < 0.05) == (t > found.critical)


def test_too_few_flips_find_nothing() -> None:
    values = null_values(np.random.default_rng(21), systems=2)
    assert compare_all(values, STRATUM, flips=19).critical == np.inf
    assert compare_all(values, STRATUM, flips=20).critical < np.inf


@pytest.mark.parametrize("seeds", [2, 3])
def test_whoever_compares_few_noisy_seeds_is_told(seeds: int) -> None:
    with pytest.warns(UserWarning, match=f"{seeds} seeds: the test does not keep to its level; run {FEWEST_SEEDS}"):
        compare_all(trained(np.random.default_rng(22), 0.1, seeds=seeds), STRATUM, flips=99)


@pytest.mark.parametrize("seeds", [1, 4, 5])
def test_enough_seeds_and_one_run_are_compared_in_silence(seeds: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare_all(trained(np.random.default_rng(22), 0.1, seeds=seeds), STRATUM, flips=99)
        compare_all(np.repeat(null_values(np.random.default_rng(22)), 2, axis=1), STRATUM, flips=99)
