"""Closed forms of the measures of agreement, and parity with other people's code."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import kendalltau, mannwhitneyu
from statsmodels.stats.inter_rater import cohens_kappa

from benchmark.agreement.measures.alpha import coincidences, interval_alpha, interval_sums, krippendorff_alpha
from benchmark.agreement.measures.auc import pooled_auc, within_query_auc
from benchmark.agreement.measures.calibration import brier_sums, expected_calibration_error, reliability_sums
from benchmark.agreement.measures.confusion import confusion, observed_agreement
from benchmark.agreement.measures.kappa import cohen_kappa, disagreement
from benchmark.agreement.measures.leniency import leniency_sums
from benchmark.agreement.measures.pairs import pair_sums
from benchmark.agreement.measures.position import position_sums, slope_sums
from benchmark.agreement.measures.preference import preference_sums
from benchmark.agreement.measures.tau import kendall_tau_b, tau_b_between
from benchmark.agreement.measures.within import (
    beyond_chance,
    interval_disagreement,
    kappa_disagreement,
    kappa_within,
    nominal_disagreement,
)
from benchmark.agreement.resample import quotient

NAN = np.nan
# Krippendorff (2011), reliability data of four observers and twelve units, with missing values.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
graded = arrays.arrays(np.float64, (4, 6), elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, NAN]))
valued = arrays.arrays(np.float64, (4, 6), elements=st.sampled_from([-1.5, 0.0, 0.25, 2.0, NAN]))


def test_a_confusion_counts_what_both_labelled_per_query() -> None:
    first, second = np.array([[0, 1, 1, NAN], [1, 1, 0, 0]]), np.array([[0, 1, 0, 1], [1, NAN, 1, 0]])
    assert confusion(first, second, 2).tolist() == [[[1, 0], [1, 1]], [[1, 1], [0, 1]]]


@pytest.mark.parametrize("wrong", [2.0, -1.0, 0.5])
def test_a_category_that_does_not_exist_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="category"):
        confusion(np.array([[wrong]]), np.array([[1.0]]), 2)


def test_kappa_of_a_known_table() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, expected 0.5, so kappa 0.4."""
    counts = np.array([[20.0, 5.0], [10.0, 15.0]])
    assert observed_agreement(counts) == pytest.approx(0.7)
    assert cohen_kappa(counts) == pytest.approx(0.4)


def test_kappa_is_one_for_equal_zero_for_independent_and_nothing_where_chance_cannot_disagree() -> None:
    assert cohen_kappa(np.diag([3.0, 4.0, 5.0]), "quadratic") == 1
    assert cohen_kappa(np.outer([1.0, 2.0, 3.0], [4.0, 1.0, 1.0]), "linear") == pytest.approx(0)
    assert np.isnan(cohen_kappa(np.array([[0.0, 0.0], [0.0, 9.0]])))
    assert np.isnan(cohen_kappa(np.zeros((2, 2))))


def test_weights_are_those_of_their_formula() -> None:
    assert disagreement(3, "nominal").tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert disagreement(3, "linear").tolist() == [[0, 0.5, 1], [0.5, 0, 0.5], [1, 0.5, 0]]
    assert disagreement(3, "quadratic").tolist() == [[0, 0.25, 1], [0.25, 0, 0.25], [1, 0.25, 0]]


@pytest.mark.parametrize(("weights", "theirs"), [("nominal", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_kappa_is_that_of_statsmodels_and_scikit_learn(weights, theirs) -> None:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 4, (30, 10)).astype(float)
    second = np.where(rng.random((30, 10)) < 0.5, first, rng.integers(0, 4, (30, 10)))
    counts = confusion(first, second, 4).sum(axis=0)
    told = cohens_kappa(counts, wt=theirs, return_results=False)
    assert cohen_kappa(counts, weights) == pytest.approx(told)
    metrics = pytest.importorskip("sklearn.metrics")
    sk = metrics.cohen_kappa_score(first.ravel(), second.ravel(), weights=theirs)
    assert cohen_kappa(counts, weights) == pytest.approx(sk)


def test_kappa_within_strata_is_kappa_for_one_and_zero_if_the_stratum_explains_all() -> None:
    one = np.array([[20.0, 5.0], [10.0, 15.0]])
    assert kappa_within(one[None]) == pytest.approx(cohen_kappa(one))
    explained = np.stack([np.outer([9.0, 1.0], [8.0, 2.0]) / 10, np.outer([1.0, 9.0], [3.0, 7.0]) / 10])
    assert cohen_kappa(explained.sum(axis=0)) > 0.3
    assert kappa_within(explained) == pytest.approx(0)


def test_within_one_list_alpha_and_kappa_are_what_they_always_are() -> None:
    rng = np.random.default_rng(5)
    ratings = np.where(rng.random((2, 1, 50)) < 0.5, rng.integers(0, 2, (1, 1, 50)), rng.integers(0, 2, (2, 1, 50)))
    ratings = ratings.astype(float)
    ratings[0, 0, :4] = np.nan
    found, sums = coincidences(ratings, 2), interval_sums(ratings)
    assert beyond_chance(nominal_disagreement(found))[0] == pytest.approx(krippendorff_alpha(found)[0])
    assert beyond_chance(interval_disagreement(sums))[0] == pytest.approx(interval_alpha(sums)[0])
    counts = confusion(ratings[0], ratings[1], 2)
    assert beyond_chance(kappa_disagreement(counts))[0] == pytest.approx(cohen_kappa(counts)[0])


def test_a_judge_and_itself_shuffled_within_each_list_do_not_agree_within_lists() -> None:
    """Lists that are called good throughout, or bad, make the pooled numbers high all the same."""
    rng = np.random.default_rng(6)
    level = rng.random((400, 1))
    selected = (rng.random((400, 20)) < level**0.1 * (level > 0.4)).astype(float)
    values = 5 * level + rng.normal(size=(400, 20))
    both, real = (np.stack([one, rng.permuted(one, axis=1)]) for one in (selected, values))
    counts, found, sums = confusion(*both, 2), coincidences(both, 2), interval_sums(real)
    for pooled in (cohen_kappa(counts.sum(0)), krippendorff_alpha(found.sum(0)), interval_alpha(sums.sum(0))):
        assert pooled > 0.6
    for within in (kappa_disagreement(counts), nominal_disagreement(found), interval_disagreement(sums)):
        assert beyond_chance(within.sum(axis=0)) == pytest.approx(0, abs=0.08)


def test_lists_of_one_document_or_of_equal_labels_say_nothing_within() -> None:
    ratings = np.stack([[[0.3, np.nan, np.nan], [2.0, 2.0, 2.0]]] * 2)
    assert np.isnan(beyond_chance(interval_disagreement(interval_sums(ratings)).sum(axis=0)))
    assert np.isnan(beyond_chance(nominal_disagreement(coincidences(np.zeros((2, 1, 3)), 2)).sum(axis=0)))
    assert np.isnan(beyond_chance(kappa_disagreement(confusion(np.zeros((1, 3)), np.zeros((1, 3)), 2)).sum(axis=0)))


@pytest.mark.parametrize(("metric", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_the_one_that_its_author_printed(metric, printed: float) -> None:
    found = coincidences(OBSERVERS[:, None] - 1, 5).sum(axis=0)
    assert krippendorff_alpha(found, metric) == pytest.approx(printed, abs=5e-4)


def test_interval_alpha_of_real_labels_is_that_of_categories() -> None:
    sums = interval_sums(OBSERVERS[:, None]).sum(axis=0)
    assert interval_alpha(sums) == pytest.approx(0.849, abs=5e-4)
    assert sums[0] == 40  # labels in units with two or more


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
def test_alpha_is_that_of_the_package_krippendorff(metric) -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 4, (20, 8))
    ratings = np.where(rng.random((3, 20, 8)) < 0.6, truth, rng.integers(0, 4, (3, 20, 8))).astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = NAN
    told = krippendorff.alpha(reliability_data=ratings.reshape(3, -1), level_of_measurement=metric)
    assert krippendorff_alpha(coincidences(ratings, 4).sum(axis=0), metric) == pytest.approx(told)
    if metric == "interval":
        assert interval_alpha(interval_sums(ratings * 0.37 - 50).sum(axis=0)) == pytest.approx(told)


def test_alpha_of_equal_labels_is_one_and_of_a_single_value_nothing() -> None:
    same = np.array([[[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]])
    assert krippendorff_alpha(coincidences(same, 3)[0], "ordinal") == 1
    assert np.isnan(krippendorff_alpha(coincidences(np.ones((2, 1, 3)), 3)[0]))


@pytest.mark.parametrize("scale", [1.0, 0.1, -50 / 3])
def test_interval_alpha_of_a_stratum_with_a_single_value_is_nothing_whatever_the_others_hold(scale: float) -> None:
    rng = np.random.default_rng(0)
    ratings = rng.integers(0, 4, (2, 40, 20)).astype(float)
    ratings[:, :20] = 2.0
    sums = interval_sums(ratings * scale)
    assert np.isnan(interval_alpha(sums[:20].sum(axis=0)))
    told = krippendorff.alpha(reliability_data=ratings.reshape(2, -1), level_of_measurement="interval")
    assert interval_alpha(sums.sum(axis=0)) == pytest.approx(told)


def test_auc_within_a_query_counts_ties_half() -> None:
    values = np.array([[3.0, 2.0, 1.0, NAN], [1.0, 1.0, 0.0, 9.0], [1.0, 2.0, 3.0, 4.0]])
    relevant = np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, NAN], [0.0, 0.0, 0.0, 0.0]])
    assert within_query_auc(values, relevant).tolist() == pytest.approx([1.0, 0.75, NAN], nan_ok=True)


@given(valued, arrays.arrays(np.float64, (4, 6), elements=st.sampled_from([0.0, 1.0, NAN])))
@settings(max_examples=50)
def test_auc_is_mann_whitney_u(values, relevant) -> None:
    known = ~np.isnan(values) & ~np.isnan(relevant)
    for row, found in enumerate(within_query_auc(values, relevant)):
        yes, no = (values[row, known[row] & (relevant[row] == wanted)] for wanted in (1, 0))
        expected = mannwhitneyu(yes, no).statistic / (len(yes) * len(no)) if len(yes) and len(no) else NAN
        assert found == pytest.approx(expected, nan_ok=True)
    yes, no = (values[known & (relevant == wanted)] for wanted in (1, 0))
    expected = mannwhitneyu(yes, no).statistic / (len(yes) * len(no)) if len(yes) and len(no) else NAN
    assert pooled_auc(values, relevant, np.ones((1, 4)))[0] == pytest.approx(expected, nan_ok=True)


def test_a_query_drawn_twice_counts_in_pooled_auc_as_if_it_stood_there_twice() -> None:
    rng = np.random.default_rng(3)
    values, relevant = rng.integers(0, 5, (5, 7)).astype(float), (rng.random((5, 7)) < 0.4).astype(float)
    counts = np.array([2, 0, 1, 3, 1])
    rows = np.repeat(np.arange(5), counts)
    expected = pooled_auc(values[rows], relevant[rows], np.ones((1, len(rows))))
    assert pooled_auc(values, relevant, counts[None].astype(float)) == pytest.approx(expected)


def test_pairwise_accuracy_of_graded_references_counts_a_tie_half() -> None:
    """Of the pairs (2,1), (2,0), (1,0) the first is tied, the second right, the third wrong."""
    sums = pair_sums(np.array([[5.0, 5.0, 1.0], [0.0, 1.0, NAN]]), np.array([[2.0, 1.0, 0.0], [1.0, 1.0, 0.0]]))
    assert sums.tolist() == [[2.5, 3], [0, 0]]
    assert pair_sums(np.array([[3.0, 1.0, 2.0]]), np.array([[2.0, 1.0, 0.0]])).tolist() == [[2, 3]]


@given(valued, graded)
@settings(max_examples=50)
def test_tau_b_is_that_of_scipy(first, second) -> None:
    known = ~np.isnan(first) & ~np.isnan(second)
    for row, found in enumerate(kendall_tau_b(first, second)):
        one, other = first[row, known[row]], second[row, known[row]]
        expected = kendalltau(one, other).statistic if known[row].sum() > 1 else NAN
        if len(set(one)) == 1 and len(set(other)) > 1:
            expected = 0  # scipy has none
        assert found == pytest.approx(expected, nan_ok=True)


def test_tau_b_is_0_for_one_that_ties_all_and_nothing_where_the_reference_has_no_order() -> None:
    orders, ties, unknown = [3.0, 1.0, 2.0], [1.0, 1.0, 1.0], [1.0, NAN, NAN]
    values = np.array([orders, ties, orders, ties, orders, unknown])
    reference = np.array([orders, orders, ties, ties, unknown, orders])
    assert kendall_tau_b(values, reference) == pytest.approx([1, 0, NAN, NAN, NAN, NAN], nan_ok=True)
    between = [1, 0, 0, NAN, NAN, NAN]
    assert tau_b_between(values, reference) == pytest.approx(between, nan_ok=True)
    assert tau_b_between(reference, values) == pytest.approx(between, nan_ok=True)


def test_calibration_of_two_bins() -> None:
    """(0.1, 0.3 | none relevant) is off by 0.2 on average, (0.9, 1.0 | both relevant) by 0.05."""
    p, y = np.array([[0.1, 0.3, NAN], [0.9, 1.0, 0.5]]), np.array([[0.0, 0.0, 1.0], [1.0, 1.0, NAN]])
    sums = reliability_sums(p, y, bins=2)
    assert sums.tolist() == [[[2, 0.4, 0], [0, 0, 0]], [[0, 0, 0], [2, 1.9, 2]]]
    assert expected_calibration_error(sums.sum(axis=0)) == pytest.approx((0.4 + 0.1) / 4)
    assert quotient(brier_sums(p, y).sum(axis=0)) == pytest.approx((0.01 + 0.09 + 0.01 + 0) / 4)
    with pytest.raises(ValueError, match="between 0 and 1"):
        reliability_sums(np.array([[1.1]]), np.array([[1.0]]))


def test_leniency_compares_grades_scaled_to_one() -> None:
    sums = leniency_sums(np.array([[3.0, 3.0, NAN]]), np.array([[1.0, 0.0, 1.0]]), (3, 1))
    assert quotient(sums).tolist() == [0.5]


def test_the_slope_of_a_biased_judge_is_found_whatever_the_documents_are() -> None:
    """v = quality - 0.1 position, each document at two places: the slope within documents is -0.1 exactly."""
    rng = np.random.default_rng(4)
    document = np.repeat(np.arange(40), 2)
    position, quality = rng.integers(1, 11, 80), rng.normal(size=40) * 5
    value = quality[document] - 0.1 * position
    sums = slope_sums(document // 4, document, position, value, 10)
    assert quotient(sums.sum(axis=0)) == pytest.approx(-0.1)


def test_the_error_of_the_slope_falls_with_the_root_of_the_number_of_documents() -> None:
    def error(documents: int) -> float:
        errors = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            document = np.repeat(np.arange(documents), 2)
            position = rng.integers(1, 11, 2 * documents)
            value = rng.normal(size=documents)[document] - 0.05 * position + rng.normal(size=2 * documents)
            total = slope_sums(np.zeros_like(document), document, position, value, 1)[0]
            errors.append(quotient(total) + 0.05)
        return float(np.sqrt(np.mean(np.square(errors))))

    assert error(200) / error(3200) == pytest.approx(4, rel=0.5)


def test_means_by_place() -> None:
    query, position = np.array([0, 0, 1]), np.array([1, 3, 1])
    sums = position_sums(query, position, np.array([0.5, 1.0, 0.0]), 2)
    assert sums.tolist() == [[[0.5, 1], [0, 0], [1, 1]], [[0, 1], [0, 0], [0, 0]]]


def test_a_preference_is_consistent_where_both_orders_name_the_same_document() -> None:
    """a > b in both orders; of (a, c) the first shown wins each time; (b, c) was asked once."""
    docno, other = np.array(["a", "b", "a", "c", "b"]), np.array(["b", "a", "c", "a", "c"])
    value = np.array([1.0, 0.0, 1.0, 1.0, 1.0])
    sums = preference_sums(np.zeros(5, dtype=int), docno, other, np.ones(5, dtype=int), value, 2)
    assert sums.tolist() == [[1, 0.5 + 1, 2], [0, 0, 0]]
    # told the other way round: the same pair with its documents exchanged, its place and its value too
    sums = preference_sums(np.zeros(5, dtype=int), other, docno, np.full(5, 2), 1 - value, 2)
    assert sums.tolist() == [[1, 0.5 + 1, 2], [0, 0, 0]]


def test_orders_that_choose_one_document_with_different_certainty_are_consistent() -> None:
    """Of a and b both orders choose a; of a and c always the first; of b and c first neither, then c, the first."""
    docno, other = np.array(["a", "a", "a", "a", "b", "b"]), np.array(["b", "b", "c", "c", "c", "c"])
    value, position = np.array([0.9, 0.6, 0.9, 0.4, 0.5, 0.4]), np.array([1, 2] * 3)
    sums = preference_sums(np.zeros(6, dtype=int), docno, other, position, value, 1)
    assert sums.tolist() == [[1, 0.5 + 1 + 0.75, 3]]
