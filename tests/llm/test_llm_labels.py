"""From judgments to labels of lists: closed forms for each scale."""

from __future__ import annotations

import itertools
import math
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import made

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.labeller import LlmGains, LlmLabels, llm_preferences
from benchmark.labels.llm.labels import list_labels
from benchmark.labels.llm.list_scores import grade_probabilities, list_scores, list_values, preferences

AB, ABC = [["a", "b"]], [["a", "b", "c"]]


def yes(*p: float) -> Judgments:
    """Documents a, b, c, ... of question q."""
    return made(
        [
            Judgment("q", docno, "ok", one, log_probabilities=(math.log(one), math.log1p(-one)))
            for docno, one in zip("abcdefghij", p, strict=False)
        ],
        "yes-no",
    )


def likelihood(*values: float) -> Judgments:
    rows = [Judgment("q", docno, "ok", value) for docno, value in zip("abcdefghij", values, strict=False)]
    return made(rows, "likelihood")


def test_posterior_by_hand() -> None:
    # odds 1, 3 and 1/3: shares 3/13, 9/13, 1/13
    np.testing.assert_allclose(list_labels(yes(0.5, 0.75, 0.25), ["q"], ABC), [[3 / 13, 9 / 13, 1 / 13]], rtol=1e-4)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=5))
def test_posterior_is_that_exactly_one_document_answers(p: list[float]) -> None:
    """Enumerates all ways in which documents answer or not, and keeps those with one answer."""
    weight = np.zeros(len(p))
    for world in itertools.product([0, 1], repeat=len(p)):
        if sum(world) == 1:
            weight[world.index(1)] = np.prod([q if yes else 1 - q for q, yes in zip(p, world, strict=True)])
    labels = list_labels(yes(*p), ["q"], [list("abcde"[: len(p)])])
    np.testing.assert_allclose(labels[0], weight / weight.sum(), atol=1e-3)


def test_temperature_is_a_power_of_the_odds() -> None:
    labels = list_labels(yes(0.5, 0.8), ["q"], AB, temperature=2)
    np.testing.assert_allclose(labels, [[1 / 3, 2 / 3]], rtol=1e-4)  # odds 1 and 4, square roots 1 and 2


def test_a_yes_of_which_only_the_word_is_known_is_nearly_certain() -> None:
    said = made([Judgment("q", "a", "ok", 1.0), Judgment("q", "b", "ok", 0.0)], "yes-no")
    assert list_labels(said, ["q"], AB)[0, 0] == pytest.approx(1, abs=1e-9)
    assert np.isfinite(list_scores(said, ["q"], AB)).all()


def test_a_yes_whose_no_was_too_unlikely_to_be_told_stands_beyond_all_that_were_told() -> None:
    """As a service answers that tells the few likeliest words: what it leaves out, it is surest of."""
    told = [("a", 1.0, (-1e-5, -16.1)), ("b", 1.0, ()), ("c", 0.0, (-17.0, -1e-5)), ("d", 0.0, ())]
    judged = made([Judgment("q", docno, "ok", p, log_probabilities=log_p) for docno, p, log_p in told], "yes-no")
    scores = list_scores(judged, ["q"], [["a", "b", "c", "d"]])[0]
    np.testing.assert_allclose(scores, [16.1, 17, -17, -17], atol=1e-4)


def test_likelihood_by_hand() -> None:
    judged = likelihood(math.log(0.1) - 40, math.log(0.3) - 40)
    np.testing.assert_allclose(list_labels(judged, ["q"], [["b", "a"]]), [[0.75, 0.25]], rtol=1e-4)
    np.testing.assert_allclose(list_labels(judged, ["q"], [["b", "a"]], temperature=0.5), [[0.9, 0.1]], rtol=1e-4)


def graded(*rows: tuple[str, int, tuple[float, ...]]) -> Judgments:
    return made([Judgment("q", docno, "ok", value, log_probabilities=p) for docno, value, p in rows], "grade")


def test_an_expected_grade_is_of_the_answers_among_themselves() -> None:
    """P = .1, .3 and .4 and nothing of the rest: (0 x 1 + 1 x 3 + 2 x 4) / 8."""
    judged = graded(("a", 2, tuple(map(math.log, (0.1, 0.3, 0.4)))))
    np.testing.assert_allclose(list_scores(judged, ["q"], AB), [[11 / 8, np.nan]], rtol=1e-5)
    np.testing.assert_allclose(grade_probabilities(judged, ["q"], AB)[0, 0], [1 / 8, 3 / 8, 4 / 8], rtol=1e-5)
    np.testing.assert_allclose(list_values(judged, ["q"], AB), [[2, np.nan]])


def test_a_temperature_is_above_0() -> None:
    for labels in (LlmLabels, partial(LlmGains, "judge")):
        with pytest.raises(ConfigurationError, match="temperature"):
            labels(temperature=0)


def test_a_written_grade_is_itself_and_has_no_probabilities() -> None:
    judged = graded(("a", 2, ()), ("b", 0, ()))
    np.testing.assert_allclose(list_scores(judged, ["q"], AB), [[2, 0]])
    with pytest.raises(ConfigurationError, match="fake: no probabilities of grades are told"):
        grade_probabilities(judged, ["q"], AB)


def test_a_grade_without_probabilities_beside_some_with_them_is_certain() -> None:
    """As a service answers that leaves the probabilities out now and then: no document drops out of the labels."""
    judged = graded(("a", 1, tuple(map(math.log, (0.2, 0.4, 0.4)))), ("b", 2, ()))
    np.testing.assert_allclose(grade_probabilities(judged, ["q"], AB)[0], [[0.2, 0.4, 0.4], [0, 0, 1]], rtol=1e-5)
    np.testing.assert_allclose(list_scores(judged, ["q"], AB), [[1.2, 2]], rtol=1e-5)


def test_selections_and_ranks_are_means_over_the_orders() -> None:
    def rows(scale: str, values: dict[str, tuple[float, ...]]) -> list[Judgment]:
        return [
            Judgment("q", docno, "ok", value, order=order)
            for docno, each in values.items()
            for order, value in enumerate(each)
        ]

    chosen = made(rows("selection", {"a": (1, 1, 0, 1), "b": (0, 0, 0, 0)}), "selection")
    np.testing.assert_allclose(list_values(chosen, ["q"], AB), [[0.75, 0]])
    ranked = made(rows("rank", {"a": (1, 3), "b": (2, 2), "c": (3, 1)}), "rank")
    np.testing.assert_allclose(np.exp(list_scores(ranked, ["q"], ABC)), [[1 / 2, 1 / 2, 1 / 2]])
    np.testing.assert_allclose(list_values(ranked, ["q"], ABC), [[2, 2, 2]])


def preferred(*pairs: tuple[str, str, float]) -> Judgments:
    return made([Judgment("q", one, "ok", value, other=other) for one, other, value in pairs], "preference")


def test_preferences_go_both_ways() -> None:
    told = preferences(preferred(("a", "b", 1.0), ("c", "b", 0.25)), ["q"], ABC)
    assert told.shape == (1, 3, 3, 2)
    np.testing.assert_allclose(told[0, :, :, 0], [[0, 1, 0], [0, 0, 0.75], [0, 0.25, 0]])
    np.testing.assert_allclose(told[0, :, :, 1], [[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    both = made([Judgment("q", "a", "ok", 0.9, other="b", log_probabilities=(-0.1, -2.3, -2.3, -0.1))], "preference")
    np.testing.assert_allclose(preferences(both, ["q"], AB)[0, 0, 1], [0.9, 2])
    with pytest.raises(ConfigurationError, match="fake: these judgments are no preferences"):
        preferences(yes(0.5), ["q"], AB)


def test_whoever_wins_more_is_stronger_and_ties_are_even() -> None:
    wins = preferred(("a", "b", 1.0), ("a", "c", 1.0), ("b", "c", 1.0))
    strength = list_scores(wins, ["q"], ABC)[0]
    assert strength[0] > strength[1] > strength[2]
    np.testing.assert_allclose(list_values(wins, ["q"], ABC), [[1, 0.5, 0]])
    even = list_labels(preferred(("a", "b", 0.5), ("b", "c", 0.5)), ["q"], ABC)
    np.testing.assert_allclose(even, [[1 / 3] * 3])


def test_what_was_not_judged_is_nan() -> None:
    """Unknown documents, unknown questions, a known document under another question, and what was refused."""
    rows = [
        Judgment("q", "a", "ok", 0.5),
        Judgment("q", "c", "ok", 0.5),
        Judgment("q", "d", "refused"),
        Judgment("r", "b", "ok", 0.5),
    ]
    docnos = [["z", "a", "c", "d"], ["a", "b", "c", "d"], ["x", "a", "b", "d"]]
    labels = list_labels(made(rows, "yes-no"), np.array(["q", "unknown", "r"]), docnos)
    nan = np.nan
    np.testing.assert_allclose(labels, [[nan, 0.5, 0.5, nan], [nan] * 4, [nan, nan, 1.0, nan]])


@given(st.lists(st.floats(-60, 0), min_size=2, max_size=10), st.floats(0.05, 20))
def test_labels_are_a_distribution_in_the_order_of_the_scores(scores: list[float], temperature: float) -> None:
    judged = likelihood(*scores)
    docnos = np.array([list("abcdefghij"[: len(scores)])])
    labels = list_labels(judged, ["q"], docnos, temperature)[0]
    assert labels.sum() == pytest.approx(1)
    assert np.all(np.diff(labels[np.argsort(np.float32(scores), kind="stable")]) >= 0)
    turned = list_labels(judged, ["q"], docnos[:, ::-1], temperature)[0]
    np.testing.assert_allclose(turned[::-1], labels)


def test_empty_lists() -> None:
    assert list_labels(yes(0.5), [], np.empty((0, 3), dtype=str)).shape == (0, 3)


def test_an_expected_gain_is_sharpened_by_its_temperature() -> None:
    """Grades 0 to 3 gain 0, 1/7, 3/7 and 1: 4/7 where the judge is torn between 1 and 3, 3/7 where it is sure of 2."""
    rows = [
        Judgment("q", docno, "ok", 0.0, log_probabilities=tuple(np.log(np.maximum(p, 1e-30))))
        for docno, p in (("a", (0, 0.5, 0, 0.5)), ("b", (0, 0, 1, 0)))
    ]
    view = SimpleNamespace(judgments={"graded": made(rows, "grade")}, qids=np.array(["q"]), docnos=np.array(AB))
    np.testing.assert_allclose(LlmGains("graded").label(view), [[4 / 7, 3 / 7]])
    np.testing.assert_allclose(LlmGains("graded", 0.5).label(view), [[4 / 7, 4 / 7 * (3 / 4) ** 2]])
    with pytest.raises(ConfigurationError, match="temperature must be positive, got 0"):
        LlmGains("graded", 0.0)


def test_a_list_that_a_strict_judge_grades_low_keeps_its_label() -> None:
    """Gains of about 1/50 to the 50th power are nothing in float32; relative to the best of the list they are not."""
    rows = [
        Judgment("q", docno, "ok", 0.0, log_probabilities=tuple(np.log(p)))
        for docno, p in (("a", (0.9, 0.08, 0.01, 0.01)), ("b", (0.97, 0.01, 0.01, 0.01)))
    ]
    view = SimpleNamespace(judgments={"graded": made(rows, "grade")}, qids=np.array(["q"]), docnos=np.array(AB))
    label = LlmGains("graded", 0.02).label(view).astype(np.float32)
    assert label[0, 0] > 0.01 and label[0, 1] < 1e-5
    nothing = SimpleNamespace(judgments=view.judgments, qids=np.array(["other"]), docnos=np.array(AB))
    assert np.isnan(LlmGains("graded", 0.02).label(nothing)).all()


def test_preferences_are_sharpened_by_their_temperature() -> None:
    """p = 3/4 has odds 3, at temperature 1/2 odds 9; what was not compared stays nothing."""
    judgments = {"pairs": preferred(("a", "b", 0.75), ("a", "c", 1.0))}
    notes: list[str] = []
    view = SimpleNamespace(
        judgments=judgments, qids=np.array(["q"]), docnos=np.array(ABC), noting=lambda: nullcontext(notes.append)
    )
    told = llm_preferences(view, "pairs", 0.5)
    np.testing.assert_allclose(told[0, :, :, 0], [[0, 0.9, 1], [0.1, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(told[..., 1], preferences(judgments["pairs"], ["q"], ABC)[..., 1])
    (note,) = notes
    assert note == "LLM judgments: fake, fake, prompt fake-v1 (sha256 11111111), 1 lists"
    np.testing.assert_allclose(llm_preferences(view, "pairs"), preferences(judgments["pairs"], ["q"], ABC))
    with pytest.raises(ConfigurationError, match="temperature must be positive"):
        llm_preferences(view, "pairs", 0)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_is_positive(temperature: float) -> None:
    with pytest.raises(ConfigurationError, match="temperature must be positive, got"):
        list_labels(yes(0.5), ["q"], [["a"]], temperature)
