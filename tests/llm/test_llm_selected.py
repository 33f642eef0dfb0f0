"""Labels under a budget: only the chosen lists have labels, and each family chooses by what it may see."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from benchmark import LlmLabels, SelectedLlmLabels, TrainingView
from benchmark.errors import ConfigurationError, DataError, SystemFault
from benchmark.labels.clicks.models.pbm import PositionBasedModel
from benchmark.labels.clicks.models.registry import fitted
from benchmark.labels.llm.labeller import STRONGEST
from benchmark.labels.llm.selection.registry import STRATEGIES
from benchmark.labels.llm.selection.round_ranker import ranker_of
from benchmark.labels.llm.selection.task_pool import pool_of
from benchmark.running.fit import training_view
from benchmark.running.rounds import questions_to_annotate
from benchmark.tasks.task import Grades, Task


@pytest.fixture(scope="module")
def views(small: Task, taught: Grades) -> dict[str, TrainingView]:
    return {family: training_view(small, taught, family, 3) for family in ("llm", "fusion")}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_as_many_lists_as_the_budget_have_labels_and_these_are_the_judges(
    views: dict[str, TrainingView], strategy: str
) -> None:
    view = views["fusion"]
    whole, chosen = (view.labels(labeller) for labeller in (LlmLabels(), SelectedLlmLabels(strategy, 10)))
    labelled = ~np.isnan(chosen).all(axis=1)
    assert labelled.sum() == 10
    np.testing.assert_array_equal(chosen[labelled], whole[labelled])
    again = view.labels(SelectedLlmLabels(strategy, 10))
    np.testing.assert_array_equal(chosen, again)
    note = next(note for note in view.provenance if f" lists, 10 of them by {strategy}" in note)
    assert ("simulated clicks: " in note) == strategy.startswith("click")


@pytest.mark.parametrize("strategy", ["click-sparsity", "click-uncertainty"])
def test_a_system_that_may_not_see_clicks_cannot_choose_by_them(views: dict[str, TrainingView], strategy: str) -> None:
    with pytest.raises(SystemFault, match="may not learn from clicks"):
        views["llm"].labels(SelectedLlmLabels(strategy, 10))
    views["llm"].labels(SelectedLlmLabels("tail-first", 10))


def test_the_second_round_goes_to_the_strata_that_err(views: dict[str, TrainingView]) -> None:
    """By the dev error of a ranker trained on the first half, told by the view: all of it to the one that errs."""
    view = views["llm"]
    real = view.dev
    told = dict.fromkeys(np.unique(view.stratum).tolist(), 1.0) | {"low": 0.25}
    view.dev = replace(real, ndcg_by_stratum=lambda scores: told)
    try:
        chosen, first = (
            ~np.isnan(view.labels(SelectedLlmLabels(strategy, budget))).all(axis=1)
            for strategy, budget in (("dev-error", 12), ("random", 6))
        )
    finally:
        view.dev = real
    assert (chosen & first).sum() == 6
    assert set(view.stratum[chosen & ~first]) == {"low"}


def test_what_the_ranker_of_a_round_does_is_no_note_on_the_system(views: dict[str, TrainingView]) -> None:
    """Of a ranker that keeps no epoch, since none is better on dev: the system ends with another one."""
    view = views["llm"]
    real, noted, better = view.dev, list(view.provenance), count(0, -1)
    view.dev = replace(real, ndcg=lambda scores: float(next(better)))
    try:
        ranker = ranker_of(view, np.eye(view.docnos.shape[1])[np.zeros(len(view.qids), dtype=int)])
    finally:
        view.dev = real
    assert ranker.epochs == [0]
    assert view.provenance == noted


def test_dev_error_by_stratum_adds_up_to_the_headline(views: dict[str, TrainingView]) -> None:
    dev = views["llm"].dev
    scores = np.random.default_rng(0).random(dev.docnos.shape)
    assert np.mean(list(dev.ndcg_by_stratum(scores).values())) == pytest.approx(dev.ndcg(scores))


def test_a_strategy_that_does_not_exist_is_told(views: dict[str, TrainingView]) -> None:
    with pytest.raises(ConfigurationError, match="strategy 'tail-frist' does not exist; did you mean tail-first"):
        views["fusion"].labels(SelectedLlmLabels("tail-frist", 10))


def test_a_budget_for_all_lists_chooses_them_all(views: dict[str, TrainingView]) -> None:
    view = views["llm"]
    whole = view.labels(LlmLabels())
    lists = int((~np.isnan(whole)).any(axis=1).sum())
    for strategy in ("random", "ranker-uncertainty"):
        np.testing.assert_array_equal(view.labels(SelectedLlmLabels(strategy, 10_000)), whole)
        assert any(note.endswith(f", {lists} lists, {lists} of them by {strategy}") for note in view.provenance)


def test_head_first_labels_the_most_frequent_questions(views: dict[str, TrainingView]) -> None:
    view = views["fusion"]
    chosen = ~np.isnan(view.labels(SelectedLlmLabels("head-first", 5))).all(axis=1)
    assert view.frequency[chosen].min() >= np.sort(view.frequency)[-5]


def test_a_list_that_was_never_asked_for_is_as_unsure_as_the_prior(small: Task) -> None:
    train = small.questions.where(small.questions.split == "train")
    log = small.log.only(train.qids[1:])
    pool = pool_of("click-uncertainty", train, small.features, log)
    assert pool.uncertainty is not None
    model = fitted("pbm", log)
    assert isinstance(model, PositionBasedModel)
    assert (pool.uncertainty[0] == model.prior.deviation).all()
    assert pool.uncertainty.max() > model.prior.deviation  # a click on what was hardly seen leaves more in doubt


def test_the_pool_knows_the_clicks_of_each_list(small: Task) -> None:
    train = small.questions.where(small.questions.split == "train")
    pool = pool_of("click-uncertainty", train, small.features, small.log)
    assert pool.uncertainty is not None
    assert pool.uncertainty.shape == train.docnos.shape
    sparse = pool_of("click-sparsity", train, small.features, small.log)
    assert sparse.clicks is not None
    _, clicked = small.log.only(train.qids).counts()
    assert sparse.clicks.sum() == clicked.sum()
    assert pool_of("random", train, small.features, small.log).clicks is None


def test_questions_are_not_annotated_twice_and_rounds_need_judgments(small: Task, taught: Grades) -> None:
    train = small.questions.where(small.questions.split == "train")
    first = questions_to_annotate(small, taught, train, 6, "draw")
    assert sorted(first.stratum.tolist()) == ["high"] * 2 + ["low"] * 2 + ["medium"] * 2
    judged = small.judgments[STRONGEST]
    with pytest.raises(ConfigurationError, match="every question of the split has been annotated"):
        questions_to_annotate(small, taught, train, 6, "draw", judged)
    with pytest.raises(ConfigurationError, match="dev-error goes by a ranker: name earlier judgments"):
        questions_to_annotate(small, taught, train, 6, "dev-error")


@pytest.mark.parametrize("strategy", ["dev-error", "ranker-uncertainty"])
def test_a_further_round_goes_by_the_ranker_of_the_judgments_so_far(small: Task, taught: Grades, strategy: str) -> None:
    train = small.questions.where(small.questions.split == "train")
    judged = small.judgments[STRONGEST]
    half = train.qids[: len(train) // 2]
    known = judged.table["qid"].isin(half).to_numpy()
    earlier = type(judged)(judged.table[known], judged.log_probabilities[known], judged.metadata)
    chosen = questions_to_annotate(small, taught, train, 5, strategy, earlier)
    assert len(chosen) == 5
    assert not set(chosen.qids) & set(half)
    few = replace(small, annotated_per_stratum=1)  # what compared systems may learn from is no limit to what was judged
    again = questions_to_annotate(few, taught, train, 5, strategy, earlier)
    assert again.qids.tolist() == chosen.qids.tolist()


@pytest.mark.parametrize("status", ["failed", "unparsable"])
def test_judgments_that_say_nothing_train_no_ranker(small: Task, taught: Grades, status: str) -> None:
    train = small.questions.where(small.questions.split == "train")
    judged = small.judgments[STRONGEST]
    rows = judged.table["qid"].isin(train.qids[:9]).to_numpy()
    table = judged.table[rows].assign(status=status, value=np.nan)
    earlier = replace(judged, table=table, log_probabilities=np.full((rows.sum(), 2), np.nan))
    with pytest.raises(DataError, match="say nothing of any training question"):
        questions_to_annotate(small, taught, train, 5, "ranker-uncertainty", earlier)


def test_what_failed_is_chosen_again(small: Task, taught: Grades) -> None:
    train = small.questions.where(small.questions.split == "train")
    judged = small.judgments[STRONGEST]
    failed = train.qids[3]
    table = judged.table.copy()
    table["status"] = np.where(table["qid"].eq(failed), "failed", table["status"].astype(str))
    earlier = replace(judged, table=table)
    assert questions_to_annotate(small, taught, train, 6, "random", earlier).qids.tolist() == [failed]


@pytest.mark.parametrize(
    ("strategy", "budget", "temperature", "reason"),
    [
        ("tail-frist", 5000, 1.0, "did you mean tail-first"),
        ("random", 0, 1.0, "a budget of 0 lists is too small for random; give at least 1"),
        ("ranker-uncertainty", 1, 1.0, "a budget of 1 lists is too small for ranker-uncertainty; give at least 2"),
        ("random", 5000, 0.0, "temperature must be positive, got 0.0"),
    ],
)
def test_labels_that_nobody_can_choose_are_told(strategy: str, budget: int, temperature: float, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        SelectedLlmLabels(strategy, budget, temperature=temperature)
