"""From judgments of every scale to labels of lists, and what is said of one labelling alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.special import expit
from small_task import HELD_OUT, SIZE, TRAIN, make_judgments, make_task

from benchmark.agreement.best_grade import best_grade
from benchmark.agreement.compare import compare
from benchmark.agreement.judged import OUTSIDE, RESOLUTION, judged, labelling_of
from benchmark.agreement.labelling import Labelling
from benchmark.agreement.measures.alpha import interval_alpha, interval_sums
from benchmark.agreement.one_judge import alone, position_curve
from benchmark.agreement.resample import Resamples
from benchmark.errors import DataError
from benchmark.labels.llm.judgments import Judgments, Metadata, PromptUsed
from benchmark.labels.llm.judgments.judgment import Scale
from benchmark.labels.llm.list_scores import list_scores
from benchmark.tasks.registry import task_entry

NAN = np.nan
USED = PromptUsed(sha256="0" * 64, language="en")
TOTAL = (TRAIN + HELD_OUT) * SIZE
QIDS, DOCNOS = np.array(["q1", "q2"]), np.array([["a", "b", "c"], ["b", "d", "e"]])


def frame(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["qid", "docno", "other", "status", "value", "position", "order"])


def row(qid: str, docno: str, value: float, *, status="ok", other=None, position=1, order=0) -> tuple[object, ...]:
    return qid, docno, other, status, value, position, order


def judgments_of(scale: Scale, *rows: tuple[object, ...], log_p=None) -> Judgments:
    made = make_judgments(*make_task(), scale="yes-no", right=1).metadata.model_copy(update={"scale": scale})
    return Judgments(frame(*rows), np.empty((len(rows), 0)) if log_p is None else np.array(log_p), made)


def source(scale: Scale, *rows: tuple[object, ...], top: int | None = None, log_p=None, shuffled=False) -> Labelling:
    made = judgments_of(scale, *rows, log_p=log_p)
    made.metadata.settings["shuffle"] = shuffled
    return judged("judge", made, QIDS, DOCNOS, top=top)


def numbers(found: Labelling) -> dict[str, float]:
    resamples = Resamples(np.array(["high", "low"]), draws=100)
    return {said.name: estimate.value for stratum, said, estimate in alone(found, resamples) if stratum == "all"}


def test_yes_no_says_yes_from_a_half_on_and_keeps_its_probability() -> None:
    found = source("yes-no", row("q1", "b", 0.5), row("q2", "e", 0.2), row("q1", "a", NAN, status="unparsable"))
    np.testing.assert_equal(found.probability, [[NAN, 0.5, NAN], [NAN, NAN, 0.2]])
    assert found.values[[0, 1], [1, 2]] == pytest.approx([0, np.log(0.2 / 0.8)], abs=RESOLUTION)
    assert found.categories is not None and found.categories[0, 1] == 1 and found.categories[1, 2] == 0
    assert found.statuses == {"ok": 2, "unparsable": 1}
    assert found.queries.tolist() == [True, True]


def test_a_document_outside_the_list_is_counted_and_left_out() -> None:
    found = source("grade", row("q1", "z", 3.0), row("q9", "a", 3.0), row("q1", "a", 2.0), top=3)
    assert found.statuses == {"ok": 1, OUTSIDE: 2} and np.nansum(found.values) == 2


def test_columns_as_a_parquet_file_holds_them() -> None:
    table = frame(row("q1", "a", 0.75), row("q1", "b", NAN, status="refused"))
    table["status"] = pd.Categorical(table["status"], ["failed", "ok", "refused"])
    table = table.astype({"value": np.float32, "position": np.int16, "order": np.int16})
    made = replace(judgments_of("yes-no", row("q1", "a", 0.75), row("q1", "b", NAN)), table=table)
    found = judged("judge", made, QIDS, DOCNOS)
    assert found.statuses == {"ok": 1, "refused": 1} and found.categories is not None and found.categories[0, 0] == 1


def human(grades: list[float]) -> Labelling:
    values = np.array([grades, [0.0] * 3])
    return Labelling("human grades", "human", values, values)


def agreement(found: Labelling, reference: Labelling) -> dict[str, float]:
    told = compare(found, reference, Resamples(np.array(["high", "low"]), draws=100))
    return {name: estimate.value for stratum, name, estimate in told if stratum == "all"}


def test_documents_of_which_a_judge_is_certain_are_ordered_as_systems_learn_from_them() -> None:
    """Log-odds 30, 24 and 20: as probabilities in float32 all of them are 1."""
    log_p = [[0.0, -30.0], [0.0, -24.0], [0.0, -20.0]]
    found = source("yes-no", *(row("q1", docno, 1.0) for docno in "abc"), log_p=log_p)
    told = agreement(found, human([1.0, 0.0, 0.0]))
    assert told["auc"] == told["pairwise-accuracy"] == 1
    assert told["brier"] == told["calibration-error"] == pytest.approx(2 / 3), "certain of three, right about one"


def test_what_differs_by_no_more_than_rounding_is_a_tie() -> None:
    """The log-odds are 1 / 32 both times, from log-probabilities that were kept to five digits."""
    log_p = [[-0.67771, -0.70896], [-0.67773, -0.70897], [-0.67, -0.71647]]
    found = source("yes-no", *(row("q1", docno, 0.51) for docno in "abc"), log_p=log_p)
    assert found.values[0, 0] == found.values[0, 1] == 1 / 32 < found.values[0, 2]


def test_two_yes_no_judges_are_compared_by_probabilities_where_differences_count() -> None:
    """Log-odds 20 and 2 are far apart, and nearly the same probability."""
    one, other = (
        source("yes-no", *(row("q1", docno, expit(odds)) for docno, odds in zip("abc", told, strict=True)))
        for told in ((20.0, 2.0, -9.0), (4.0, 9.0, -3.0))
    )
    assert one.probability is not None and other.probability is not None
    sums = interval_sums(np.stack([one.probability, other.probability])).sum(axis=0)
    assert agreement(one, other)["alpha-interval"] == pytest.approx(interval_alpha(sums))


def test_a_judge_that_only_wrote_yes_or_no_tells_no_probability() -> None:
    found = source("yes-no", row("q1", "a", 1.0), row("q1", "b", 0.0))
    told = agreement(found, human([1.0, 0.0, 0.0]))
    assert found.probability is None and told["auc"] == told["kappa"] == 1
    assert not {"brier", "calibration-error"} & told.keys() and "alpha-interval" not in agreement(found, found)


def test_how_much_the_model_wanted_to_say_an_answer_at_all() -> None:
    """Of those that have a value and tell it; of a preference in both orders; ranks and likelihoods have none."""
    rows = (row("q1", "a", 0.5), row("q1", "b", NAN, status="refused"), row("q1", "c", 1.0))
    log_p = [np.log([0.1, 0.1]), np.log([0.9, 0.1]), [NAN, NAN]]
    assert source("yes-no", *rows, log_p=log_p).mass == pytest.approx(0.2)
    assert source("yes-no", *rows).mass is None
    orders = [np.log([0.5, 0.3, 0.1, 0.3])]
    assert source("preference", row("q1", "a", 0.5, other="b"), log_p=orders).mass == pytest.approx(0.6)
    assert source("likelihood", row("q1", "a", -1.0), log_p=[[-1.0, 3.0]]).mass is None
    assert source("rank", row("q1", "a", 1.0), log_p=[[-1.0]]).mass is None


def test_ranks_are_turned_round_and_have_no_categories() -> None:
    found = source("rank", row("q1", "a", 1.0), row("q1", "b", 2.0))
    assert found.values[0, 0] > found.values[0, 1] and found.categories is None


def test_selections_in_several_orders_are_averaged_and_half_is_selected() -> None:
    rows = [row("q1", "a", float(value), order=order, position=1 + order) for order, value in enumerate((1, 0))]
    found = source("selection", *rows, row("q1", "b", 0.0, position=2), row("q1", "b", 0.0, order=1, position=1))
    assert found.values[0, :2].tolist() == [0.5, 0] and found.categories[0, :2].tolist() == [1, 0]


def test_preferences_become_strengths_which_know_whom_a_document_was_preferred_to() -> None:
    """a won two of three against b; b won those and five against c, so a greater share."""
    won = [("a", "b"), ("a", "b"), ("b", "a"), *[("b", "c")] * 5]
    a, b, c = source("preference", *(row("q1", docno, 1.0, other=other) for docno, other in won)).values[0]
    assert a > b > c


def test_a_grade_orders_by_its_expectation_and_is_counted_as_it_was_given() -> None:
    """Both got grade 2, of probability 0.6; a is otherwise 1, b otherwise 3; c has no probabilities."""
    log_p = np.full((3, 4), NAN)
    log_p[:2] = np.log([[1e-9, 0.4, 0.6, 1e-9], [1e-9, 1e-9, 0.6, 0.4]])
    found = source("grade", *(row("q1", docno, 2.0) for docno in "abc"), top=3, log_p=log_p)
    assert found.values[0] == pytest.approx([1.6, 2.4, 2.0], abs=1e-6)
    assert found.categories is not None and found.categories[0].tolist() == [2, 2, 2]


def test_the_mean_grade_of_two_orders_is_counted_and_both_expectations_are_averaged() -> None:
    log_p = np.log([[0.1, 0.9], [0.6, 0.4]])
    found = source("grade", row("q1", "a", 1.0), row("q1", "a", 0.0, order=1), top=1, log_p=log_p)
    assert found.values[0, 0] == pytest.approx(0.65) and found.categories is not None
    assert found.categories[0, 0] == 1 and found.shown is not None and found.shown.value == pytest.approx([0.9, 0.4])


def test_a_grade_beyond_its_scale_is_one_line() -> None:
    with pytest.raises(DataError, match="judge: a grade is not between 0 and 3"):
        source("grade", row("q1", "a", 4.0), top=3)


@pytest.mark.parametrize(
    ("told", "best"),
    [
        ({"method": "rubric", "settings": {"top": 3}}, 3),
        ({"method": "graded-3", "settings": {"top": 2}}, 2),
        ({"method": "document-quality", "prompts": {"document-quality-v1": USED}}, 3),
        ({"method": "graded-4", "prompts": {"my-own-v1": USED}}, 4),
        ({"method": "listwise-graded-3", "prompts": {"listwise-graded-3-v1": USED}}, 3),
        ({"method": "rubric"}, None),
        ({"method": "rubric-2026"}, None),
    ],
)
def test_the_best_grade_is_told_by_the_settings_then_by_the_prompts_and_never_by_a_number_in_a_name(
    told: dict[str, object], best: int | None
) -> None:
    """Also where nothing above grade 1 was ever given."""
    written = replace(changed(**told), log_probabilities=np.empty((TOTAL, 0)))
    assert best_grade(written) == best


def test_the_best_grade_is_one_less_than_the_answers_that_have_a_probability() -> None:
    assert best_grade(replace(changed(method="rubric"), log_probabilities=np.zeros((TOTAL, 5)))) == 4


@pytest.mark.parametrize("top", ["3", True, 0, 2.5])
def test_a_setting_top_that_is_no_positive_whole_number_is_refused(top: object) -> None:
    told = changed().metadata.model_dump()
    assert Metadata.model_validate(told | {"settings": {"top": 3}}).top == 3
    with pytest.raises(ValidationError, match=r"setting top is .* give it as a whole number from 1 on"):
        Metadata.model_validate(told | {"settings": {"top": top}})
    assert Metadata.model_validate(told | {"settings": {"top": top}, "scale": "rank"}).top is None


def test_grades_of_a_scale_that_nothing_tells_order_documents_and_are_no_categories() -> None:
    found = source("grade", row("q1", "a", 1.0), row("q1", "b", 0.0))
    told = agreement(found, human([1.0, 0.0, 0.0]))
    assert told["auc"] == 1 and not {"kappa", "leniency", "agreement"} & told.keys() and not numbers(found)


def changed(**update: object) -> Judgments:
    """Judgments of grades whose metadata say something else."""
    judgments = make_judgments(*make_task(), scale="grade", right=1)
    return replace(judgments, metadata=judgments.metadata.model_copy(update=update))


def test_judgments_that_saw_peoples_grades_are_marked() -> None:
    task, _ = make_task()
    assert labelling_of("judge", changed(), task.questions).name == "judge"
    shown = changed(settings={"human_supervision": True})
    assert labelling_of("judge", shown, task.questions).name == "judge, shown people's grades"
    chosen = changed(chosen_by=("dev", "log"))
    name = labelling_of("judge", chosen, task.questions).name
    assert name == "judge, lists chosen by grades of dev questions and the click log"


@pytest.mark.parametrize("shuffle", [True, False])
def test_whether_lists_were_shuffled_is_read_from_the_settings(shuffle: bool) -> None:
    task, _ = make_task()
    assert labelling_of("judge", changed(settings={"shuffle": shuffle}), task.questions).shuffled is shuffle


def test_grades_against_binary_humans_are_relevant_above_the_middle() -> None:
    grades = source(
        "grade", *(row("q1", docno, value) for docno, value in zip("abc", (3.0, 2.0, 1.0), strict=True)), top=3
    )
    human = Labelling("human grades", "human", np.array([[1.0, 0, 0], [0, 0, 0]]), np.array([[1.0, 0, 0], [0, 0, 0]]))
    told = {
        name: estimate
        for stratum, name, estimate in compare(grades, human, Resamples(np.array(["high", "low"]), draws=100))
        if stratum == "all"
    }
    assert told["agreement"].value == pytest.approx(2 / 3) and told["agreement"].queries == 1
    assert told["auc"].value == 1 and told["leniency"].value == pytest.approx(2 / 3 - 1 / 3)
    assert "kappa-quadratic" not in told and "brier" not in told


def test_equal_graded_scales_get_weighted_kappa() -> None:
    rows = [row("q1", docno, value) for docno, value in zip("abc", (3.0, 2.0, 0.0), strict=True)]
    grades = source("grade", *rows, top=3)
    told = {
        name: one.value for _, name, one in compare(grades, grades, Resamples(np.array(["high", "low"]), draws=100))
    }
    assert told["kappa"] == told["kappa-linear"] == told["kappa-quadratic"] == told["alpha"] == told["tau-b"] == 1


def test_a_judge_that_ties_a_list_counts_there_as_its_control_does() -> None:
    """The first question is ordered as people do, the second not at all: half of what the first alone would give."""
    grades = source(
        "grade",
        *(row("q1", docno, value) for docno, value in zip(DOCNOS[0], (0.0, 0.0, 3.0), strict=True)),
        *(row("q2", docno, 1.0) for docno in DOCNOS[1]),
        top=3,
    )
    human = Labelling("human grades", "human", np.array([[0, 0, 1.0]] * 2), np.array([[0, 0, 1.0]] * 2))
    tau = {
        name: estimate
        for stratum, name, estimate in compare(grades, human, Resamples(np.array(["high", "high"]), draws=100))
        if stratum == "all" and name.startswith("tau-b")
    }
    assert tau["tau-b"].value == pytest.approx(0.5)
    assert tau["tau-b"].queries == tau["tau-b-first-stage"].queries == 2


@pytest.mark.parametrize("tells", [0, 1])
def test_an_order_in_which_a_list_is_tied_agrees_with_none(tells: int) -> None:
    rows = [
        row("q1", docno, value if order == tells else 1.0, order=order, position=position)
        for position, (docno, value) in enumerate(zip(DOCNOS[0], (3.0, 2.0, 1.0), strict=True), start=1)
        for order in (0, 1)
    ]
    assert numbers(source("grade", *rows, top=3))["order-tau-b"] == 0


def test_a_judge_that_only_sees_the_place_has_no_consistency_and_the_slope_of_the_place() -> None:
    rows = [
        row(qid, docno, 1 - 0.1 * position, order=order, position=position)
        for qid, docnos in zip(QIDS, DOCNOS, strict=True)
        for order in (0, 1)
        for position, docno in enumerate(docnos if order == 0 else docnos[::-1], start=1)
    ]
    told = numbers(found := source("grade", *rows, top=1))
    assert told["position-slope"] == pytest.approx(-0.1)
    assert told["order-tau-b"] == pytest.approx(-1) and told["order-alpha"] < 0
    curve = position_curve(found, Resamples(np.array(["high", "low"]), draws=100))
    assert [place.value for place in curve] == pytest.approx([0.9, 0.8, 0.7])


@pytest.mark.parametrize(("second", "alpha"), [((0, 0, 0), None), ((0, 1, 0), 1 - 4 / (2 * 2 * 4 / 5))])
def test_lists_of_which_all_or_none_is_selected_say_nothing_of_a_stable_choice(second, alpha: float | None) -> None:
    """In both orders all of q1 is selected; of q2 nothing, or one passage in the one order and another in the other."""
    rows = [
        row(qid, docno, float(value), order=order, position=position)
        for qid, docnos, selected in zip(QIDS, DOCNOS, ((1, 1, 1), second), strict=True)
        for order in (0, 1)
        for position, (docno, value) in enumerate(zip(docnos, np.roll(selected, order), strict=True), start=1)
    ]
    assert numbers(source("selection", *rows)).get("order-alpha") == (alpha and pytest.approx(alpha))


def test_one_order_drawn_at_random_is_told_apart_from_the_order_that_the_list_came_in() -> None:
    rows = [row("q1", docno, value, position=place) for docno, value, place in (("a", 3, 2), ("b", 2, 3), ("c", 1, 1))]
    told = numbers(source("grade", *rows, top=3, shuffled=True))
    assert told["position-slope-between"] == pytest.approx(0.5)
    assert "position-slope" not in told and "position-slope-confounded" not in told


def test_one_order_only_is_called_confounded() -> None:
    rows = [row("q1", docno, value, position=place) for docno, value, place in (("a", 3, 1), ("b", 2, 2), ("c", 1, 3))]
    told = numbers(source("grade", *rows, top=3))
    assert told["position-slope-confounded"] == pytest.approx(-1)
    assert "position-slope" not in told and "order-alpha" not in told
    assert told["share-of-grade-3"] == pytest.approx(1 / 3) and told["share-of-grade-0"] == 0


def test_places_and_preferences_follow_their_queries() -> None:
    rows = [row("q2", "d", 1.0, other="e"), row("q2", "e", 1.0, other="d"), row("q1", "a", 1.0, other="b")]
    only = source("preference", *rows).where(np.array([False, True]))
    resamples = Resamples(np.array(["low"]), draws=100)
    told = {said.name: one.value for stratum, said, one in alone(only, resamples) if stratum == "low"}
    assert told == {"preference-consistency": 0, "preference-for-first": 1}
    assert only.preferred is not None and only.preferred.query.tolist() == [0, 0]


def test_a_pair_whose_log_probabilities_tell_both_orders_is_two_preferences_and_one_value() -> None:
    """a and b: A each time, with 0.8 and 0.7; b and c: A, then B, so b each time; a and c: only the words are known."""
    log_p = np.full((3, 4), NAN)
    log_p[:2] = np.log([[0.8, 0.2, 0.7, 0.3], [0.9, 0.1, 0.4, 0.6]])
    pairs = [row("q1", "a", 0.55, other="b"), row("q1", "b", 0.75, other="c"), row("q1", "a", 1.0, other="c")]
    found = source("preference", *pairs, log_p=log_p)
    assert found.preferred is not None
    told = zip(found.preferred.docno, found.preferred.other, found.preferred.position, strict=True)
    values = dict(zip(told, found.preferred.value, strict=True))
    assert values == pytest.approx(
        {("a", "c", 1): 1.0, ("a", "b", 1): 0.8, ("a", "b", 2): 0.3, ("b", "c", 1): 0.9, ("b", "c", 2): 0.6}
    )
    assert found.values[0].argsort().tolist() == [2, 1, 0], "a won 1.55 of two pairs, b 1.2, c 0.25"
    assert numbers(found) == pytest.approx({"preference-consistency": 0.5, "preference-for-first": 0.75})


def shipped(name: str) -> tuple[Judgments, Labelling]:
    """A shipped file of lists of twenty."""
    judgments = task_entry("insuranceqa").all_judgments()[name]
    return judgments, judged(name, judgments, *lists_of(judgments), top=3)


def lists_of(judgments: Judgments) -> tuple[np.ndarray, np.ndarray]:
    """Qids [n] and docnos [n, 20] of a file with one row a document."""
    qids, docnos = (judgments.table[column].to_numpy(str).reshape(-1, 20) for column in ("qid", "docno"))
    return qids[:, 0], docnos


def test_the_shipped_pairwise_judge_leans_to_the_first_place() -> None:
    _, found = shipped("qwen2.5-coder-1.5b-pairwise")
    told = alone(found, Resamples(np.resize(["high", "medium", "low"], len(found.values)), draws=100))
    estimates = {said.name: estimate for stratum, said, estimate in told if stratum == "all"}
    assert estimates["preference-consistency"].value == pytest.approx(0.02, abs=0.01)
    assert estimates["preference-for-first"].low > 0.95
    assert {estimate.queries for estimate in estimates.values()} == {300}


@pytest.mark.parametrize("way", ["graded-3", "pairwise", "direct-ranking", "listwise-selection", "yes-no"])
def test_a_shipped_judge_is_held_against_others_by_what_systems_learn_from_it(way: str) -> None:
    judgments, found = shipped(f"qwen2.5-coder-1.5b-{way}")
    np.testing.assert_allclose(found.values, list_scores(judgments, *lists_of(judgments)), rtol=0, atol=RESOLUTION / 2)
    if found.scale == "grade":
        assert (found.categories == judgments.table["value"].to_numpy().reshape(-1, 20)).all()
