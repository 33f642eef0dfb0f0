from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from benchmark import (
    ClickLabels,
    Curriculum,
    HumanLabels,
    ListwiseRanker,
    LlmLabels,
    Objective,
    ReciprocalRank,
    Stage,
    System,
    softmax_loss,
    system,
)
from benchmark.errors import ConfigurationError, SystemFault
from benchmark.running.fit import fit_and_rank, scores_of, training_view
from benchmark.scoring.ties import tiebreaks
from benchmark.tasks.task import Grades, Task

NAN = float("nan")


def loss(scores: list[float], labels: list[float]) -> float:
    return float(softmax_loss(torch.tensor([scores]), torch.tensor([labels]))[0])


def test_softmax_loss_of_equal_scores_is_log_n() -> None:
    assert loss([0, 0, 0, 0], [0, 1, 0, 0]) == pytest.approx(np.log(4))


def test_softmax_loss_normalises_labels() -> None:
    assert loss([1, 2, 3], [1, 1, 2]) == pytest.approx(loss([1, 2, 3], [10, 10, 20]))


def test_softmax_loss_closed_form() -> None:
    assert loss([0, np.log(3)], [1, 1]) == pytest.approx(-0.5 * np.log(0.25) - 0.5 * np.log(0.75))


def test_unlabelled_documents_are_left_out() -> None:
    assert loss([5, 1, 2], [NAN, 1, 0]) == pytest.approx(loss([1, 2], [1, 0]))


@pytest.mark.parametrize("labels", [[0.0, 0.0], [NAN, NAN]])
def test_a_list_that_says_nothing_has_no_loss_and_no_gradient(labels: list[float]) -> None:
    scores = torch.tensor([[1.0, 2.0]], requires_grad=True)
    value = softmax_loss(scores, torch.tensor([labels]))
    value.sum().backward()
    assert value.item() == 0 and scores.grad is not None and (scores.grad == 0).all()


def test_gradient_is_softmax_minus_target() -> None:
    scores = torch.tensor([[0.3, -1.0, 2.0]], requires_grad=True)
    softmax_loss(scores, torch.tensor([[1.0, 0.0, 3.0]])).sum().backward()
    expected = torch.softmax(scores.detach(), 1) - torch.tensor([[0.25, 0.0, 0.75]])
    torch.testing.assert_close(scores.grad, expected)


@pytest.mark.parametrize(
    ("labels", "weight", "told"),
    [
        (np.ones(3), 1.0, "queries, list"),
        (-np.ones((2, 3)), 1.0, "not negative"),
        (np.full((2, 3), np.inf), 1.0, "finite"),
        (np.ones((2, 3)), -1.0, "weights"),
        (np.ones((2, 3)), np.array([1.0, np.nan]), "weights"),
        (torch.tensor([[-1.0, 2.0]]), 1.0, "numpy array, or `Rows`; make one of the Tensor"),
        (pd.DataFrame(np.ones((2, 3))), 1.0, "numpy array, or `Rows`; make one of the DataFrame"),
    ],
)
def test_an_objective_refuses_what_cannot_be_trained(labels, weight, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Objective(softmax_loss, labels, weight)


@pytest.mark.parametrize("weight", [np.ones((2, 1)), np.ones((2, 3)), np.ones(7)])
def test_a_weight_is_one_number_or_one_for_each_query(weight: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"weight must be one number or \[2\], got shape"):
        Objective(softmax_loss, np.ones((2, 3)), weight)


def test_what_stands_in_the_wrong_place_is_told() -> None:
    labels = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"Objective\(loss, labels\), got \(ndarray, function\)"):
        Objective(labels, softmax_loss)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Stage\(Objective\(...\), ...\), got list"):
        Stage([Objective(softmax_loss, labels)])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Curriculum\(Stage\(...\), ...\), got Objective"):
        Curriculum(Objective(softmax_loss, labels))  # type: ignore[arg-type]


def test_stages_and_curricula_must_hold_something() -> None:
    with pytest.raises(ValueError, match="objective"):
        Stage()
    with pytest.raises(ValueError, match="stage"):
        Curriculum()
    with pytest.raises(ValueError, match="epochs"):
        Stage(Objective(softmax_loss, np.ones((1, 2))), epochs=0)


def test_no_grade_of_a_test_question_reaches_a_view(small: Task, grades: Grades) -> None:
    with pytest.raises(SystemFault, match="test questions were about to reach"):
        training_view(small, grades, "clicks", seed=0)


@pytest.mark.parametrize("family", ["floor", "clicks", "llm", "fusion"])
def test_only_skyline_and_probe_see_human_grades(small: Task, taught: Grades, family: str) -> None:
    view = training_view(small, taught, family, seed=0)
    with pytest.raises(SystemFault, match="human grades are for scoring"):
        view.labels(HumanLabels())


def test_the_skyline_sees_grades_of_training_questions(small: Task, taught: Grades) -> None:
    view = training_view(small, taught, "skyline", seed=0)
    labels = view.labels(HumanLabels())
    assert labels.shape == view.docnos.shape and np.nanmax(labels) == 1


@pytest.mark.parametrize(
    ("made", "families", "told"),
    [
        ({}, ["llm", "fusion", "skyline", "probe"], ""),
        ({"settings": {"human_supervision": True}}, ["skyline", "probe"], ", shown people's grades"),
        ({"chosen_by": ("human",)}, ["skyline", "probe"], ", lists chosen by people's grades"),
        ({"chosen_by": ("log",)}, ["fusion", "skyline", "probe"], ", lists chosen by the click log"),
        ({"chosen_by": ("dev",)}, ["llm", "fusion", "skyline", "probe"], ", lists chosen by grades of dev questions"),
        ({"purpose": "agreement"}, [], ""),
    ],
    ids=str,
)
def test_judgments_are_for_families_that_may_see_what_went_into_them(
    small: Task, taught: Grades, made: dict[str, object], families: list[str], told: str
) -> None:
    name, one = next(iter(small.judgments.items()))
    other = replace(one, metadata=one.metadata.model_copy(update=made))
    task = replace(small, judgments={**small.judgments, name: one, "other": other})
    views = {family: training_view(task, taught, family, seed=0) for family in ("llm", "fusion", "skyline", "probe")}
    assert all(name in view.judgments for view in views.values())
    assert [family for family, view in views.items() if "other" in view.judgments] == families
    for family in families:
        views[family].labels(LlmLabels("other"))
        (provenance,) = views[family].provenance
        assert f"(sha256 {next(iter(one.metadata.prompts.values())).sha256[:8]}){told}, " in provenance


def test_click_labels_are_none_where_nothing_was_shown(small: Task, taught: Grades) -> None:
    view = training_view(small, taught, "clicks", seed=0)
    labels = view.labels(ClickLabels("ctr"))
    shown = small.log.only(view.qids).counts()[0].sum(2) > 0
    assert (np.isnan(labels) == ~shown).all()
    assert view.provenance == [f"simulated clicks: {len(small.training_log):,} impressions, ctr"]


@pytest.mark.parametrize("method", ["ctr", "ips", "pbm", "dbn"])
def test_what_nobody_clicked_has_no_label_above_0(small: Task, taught: Grades, method: str) -> None:
    """Shown once and not clicked, a document keeps about the prior's rate, which may lie above the mean rate."""
    view = training_view(small, taught, "clicks", seed=0)
    labels = view.labels(ClickLabels(method))
    clicked = small.log.only(view.qids).counts()[1].sum(2) > 0
    assert (labels[~clicked & ~np.isnan(labels)] == 0).all()
    assert (labels[clicked] > 0).any()


def test_no_click_on_a_question_that_is_scored_reaches_a_view(small: Task, taught: Grades) -> None:
    """Simulated clicks are drawn from its grades; a task may allow it, as for real clicks on seen questions."""
    log = training_view(small, taught, "clicks", seed=0).log
    scored = set(small.test().qids)
    assert scored & set(small.log.qids) and not scored & set(log.qids)
    assert len(log) == small.log.only(log.qids).frequency().sum() > 0
    allowed = replace(small, train_on_seen=True)
    assert training_view(allowed, taught, "clicks", seed=0).log is allowed.log


def test_what_is_read_without_a_label_is_told(small: Task, taught: Grades) -> None:
    view = training_view(small, taught, "fusion", seed=0)
    assert view.learned_from() == []
    view.log.clicked.mean()
    impressions = f"simulated clicks: {len(small.training_log):,} impressions"
    assert view.learned_from() == [f"{impressions}, read directly"]
    _ = view.judgments
    view.labels(ClickLabels("ctr"))
    told = [f"{impressions}, ctr", f"{impressions}, read directly", "LLM judgments: read directly"]
    assert view.learned_from() == told


def test_what_labels_are_made_of_is_told_by_their_notes(small: Task, taught: Grades) -> None:
    view = training_view(small, taught, "fusion", seed=0)
    view.labels(ClickLabels("ctr"))
    view.labels(LlmLabels())
    view.click_counts()
    assert len(view.learned_from()) == 3 and not any("read directly" in note for note in view.learned_from())


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (lambda shape: np.ones((shape[0] - 1, shape[1])), "labels have shape"),
        (lambda shape: np.ones((shape[0], 1)), "labels have shape"),
        (lambda shape: np.full(shape, NAN), "no document has a label above 0"),
        (lambda shape: np.zeros(shape), "no document has a label above 0"),
    ],
)
def test_labels_of_other_lists_or_of_none_are_told_before_training(
    small: Task, taught: Grades, labels: Callable[[tuple[int, ...]], np.ndarray], told: str
) -> None:
    view = training_view(small, taught, "clicks", seed=0)
    stage = Stage(Objective(softmax_loss, labels(view.docnos.shape)))
    with pytest.raises(SystemFault, match=f"stage 1: {told}"):
        ListwiseRanker(view.features.pairs).fit_curriculum(Curriculum(stage), view)


def test_a_loss_gives_one_number_for_each_query(small: Task, taught: Grades) -> None:
    view = training_view(small, taught, "clicks", seed=0)
    stage = Stage(Objective(lambda scores, labels: softmax_loss(scores, labels).mean(), np.ones(view.docnos.shape)))
    with pytest.raises(SystemFault, match=r"a loss has shape \[\]; give one number for each query"):
        ListwiseRanker(view.features.pairs).fit_curriculum(Curriculum(stage), view)


def test_a_labeller_is_made_before_it_labels(small: Task, taught: Grades) -> None:
    with pytest.raises(SystemFault, match=r"is a class; write LlmLabels\(\)"):
        training_view(small, taught, "llm", seed=0).labels(LlmLabels)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("judge", "told"),
    [("qwen2.5-coder-1.5b-yes-no.parquet", "did you mean qwen2.5-coder-1.5b-yes-no?"), ("none-of-them", "known: ")],
)
def test_judgments_that_are_not_there_are_told_by_name(small: Task, taught: Grades, judge: str, told: str) -> None:
    with pytest.raises(SystemFault, match=re.escape(told)):
        training_view(small, taught, "llm", seed=0).labels(LlmLabels(judge))


@pytest.mark.parametrize("factor", [2.0**-27, 2.0**-7, 2.0**20])
def test_a_constant_factor_of_the_weights_trains_the_same(small: Task, taught: Grades, factor: float) -> None:
    view = training_view(small, taught, "clicks", seed=0)
    labels = np.random.default_rng(0).random(view.docnos.shape)

    def scores(factor: float) -> np.ndarray:
        stage = Stage(Objective(softmax_loss, labels, weight=factor), epochs=5)
        return ListwiseRanker(view.features.pairs).fit_curriculum(Curriculum(stage), view).score_lists(
            view.dev.qids, view.dev.docnos
        )  # fmt: skip

    np.testing.assert_array_equal(scores(factor), scores(1))


def test_an_objective_of_weight_0_is_left_out_and_the_others_are_trained(small: Task, taught: Grades) -> None:
    """The ends of a fusion: all weight on one of two objectives."""
    view = training_view(small, taught, "skyline", seed=0)
    graded, nothing = view.human_grades(), np.zeros(view.docnos.shape)

    def scores(*objectives: Objective) -> np.ndarray:
        ranker = ListwiseRanker(view.features.pairs).fit_curriculum(Curriculum(Stage(*objectives, epochs=2)), view)
        return ranker.score_lists(view.dev.qids, view.dev.docnos)

    alone = Objective(softmax_loss, graded)
    np.testing.assert_array_equal(scores(alone, Objective(softmax_loss, nothing, weight=0.0)), scores(alone))
    with pytest.raises(SystemFault, match="no query with a label and a weight above 0"):
        scores(Objective(softmax_loss, graded, weight=0.0))


@pytest.mark.parametrize("family", ["clicks", "llm", "fusion", "skyline"])
def test_what_a_labeller_of_ones_own_reads_is_told_beside_what_it_says(
    small: Task, taught: Grades, family: str
) -> None:
    view = training_view(small, taught, family, seed=0)
    reads = {"clicks": ["log"], "llm": ["judgments"], "fusion": ["log", "judgments"], "skyline": ["human_grades"]}
    told = {"log": "impressions, read directly", "judgments": "LLM judgments: read", "human_grades": "human grades of"}

    class Own:
        def label(self, view):
            for name in reads[family]:
                if callable(read := getattr(view, name)):
                    read()
            return np.ones(view.docnos.shape)

        def provenance(self, view):
            return "a heuristic"

    view.labels(Own())
    first, *others = view.learned_from()
    assert first == "a heuristic" and len(others) == len(reads[family])
    assert all(told[name] in other for name, other in zip(reads[family], others, strict=True))


def test_training_is_deterministic_under_a_seed_and_differs_between_seeds(small: Task, taught: Grades) -> None:
    from baselines.skyline_human import SkylineHuman

    scores = [
        fit_and_rank(
            SkylineHuman, training_view(small, taught, "skyline", seed), small.test(), dict(small.question_text)
        ).scores
        for seed in (0, 0, 1)
    ]
    assert (scores[0] == scores[1]).all() and (scores[0] != scores[2]).any()


def test_a_system_that_sorts_its_input_in_place_is_scored_as_it_ranked(small: Task, taught: Grades) -> None:
    import pyterrier as pt

    from benchmark import System

    class Sorter(System):
        name, in_place = "sorter", False

        def fit(self, view):
            def ranked(frame):
                scored = frame if self.in_place else frame.copy()
                scored["score"] = scored["docno"].map(hash).astype(float)
                scored.sort_values("score", inplace=True)
                return scored

            return pt.apply.generic(ranked)

    class InPlace(Sorter):
        in_place = True

    one, other = (
        fit_and_rank(cls, training_view(small, taught, "clicks", 0), small.test(), dict(small.question_text)).scores
        for cls in (Sorter, InPlace)
    )
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("asked", ["ndcg", "ndcg_by_stratum"])
def test_dev_is_closed_to_a_system_that_declares_no_choice(small: Task, taught: Grades, asked: str) -> None:
    import pyterrier as pt

    class Peeking(System):
        name, dev_choices = "peeking", ("which of two",)

        def fit(self, view):
            getattr(view.dev, asked)(np.zeros(view.dev.docnos.shape))
            return pt.apply.doc_score(lambda row: -float(row["rank"]))

    class Undeclared(Peeking):
        dev_choices = ()

    def run(cls: type[System]) -> None:
        fit_and_rank(cls, training_view(small, taught, "clicks", 0), small.test(), dict(small.question_text))

    run(Peeking)
    with pytest.raises(SystemFault, match="name what is chosen by them in dev_choices"):
        run(Undeclared)


def test_weight_zero_is_as_if_the_query_were_not_there(small: Task, taught: Grades) -> None:
    from benchmark import ListwiseRanker

    view = training_view(small, taught, "skyline", seed=0)
    labels = view.human_grades()
    weight = np.zeros(len(labels))
    weight[: len(labels) // 2] = 1
    scrambled = labels.copy()
    scrambled[len(labels) // 2 :] = np.nan
    frame = small.test().frame(dict(small.question_text))
    ranked = [
        ListwiseRanker(view.features.pairs, batch=8)
        .fit_curriculum(Curriculum(Stage(Objective(softmax_loss, given, weighed), epochs=2)), view)
        .transform(frame)
        .score.to_numpy()
        for given, weighed in ((labels, weight), (scrambled, weight), (scrambled, 1.0))
    ]
    assert (ranked[0] == ranked[1]).all() and (ranked[0] == ranked[2]).all()


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5, 0.31, 0.1, 0.02])
def test_an_epoch_has_as_many_steps_however_few_lists_have_labels(small: Task, taught: Grades, share: float) -> None:
    view = training_view(small, taught, "skyline", seed=0)
    batches: list[int] = []

    def counting(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        batches.append(len(scores))
        return softmax_loss(scores, labels)

    labels = view.human_grades()
    labelled = math.ceil(share * len(labels))
    labels[labelled:] = np.nan
    stage = Stage(Objective(counting, labels), epochs=1)
    ListwiseRanker(view.features.pairs, batch=10).fit_curriculum(Curriculum(stage), view)
    assert len(batches) == min(math.ceil(len(view.qids) / 10), labelled) and sum(batches) == labelled
    assert max(batches) - min(batches) <= 1


def test_a_stage_that_only_harms_leaves_the_ranker_as_it_was(small: Task, taught: Grades) -> None:
    view = training_view(small, taught, "skyline", seed=0)
    cosine = view.features.column("cosine")
    harmful = Stage(Objective(softmax_loss, 1 - np.nan_to_num(view.human_grades()).clip(0, 1)), epochs=3)
    ranker = ListwiseRanker(view.features.pairs, start=cosine).fit_curriculum(Curriculum(harmful, harmful), view)
    given = view.features.pairs(np.repeat(view.dev.qids, view.dev.docnos.shape[1]), view.dev.docnos.ravel())[:, cosine]
    scores = ranker.score_lists(view.dev.qids, view.dev.docnos)
    assert ranker.epochs == [0, 0]
    assert view.dev.ndcg(scores) == view.dev.ndcg(given.reshape(scores.shape))


@pytest.mark.parametrize("harmful", [True, False])
def test_a_record_says_where_training_was_of_no_use(small: Task, taught: Grades, harmful: bool) -> None:
    class Trained(System):
        name = "trained"

        def ranker(self, features):
            return ListwiseRanker(features.pairs, learning_rate=0.01)

        def curriculum(self, view):
            grades = np.nan_to_num(view.human_grades())
            return Curriculum(Stage(Objective(softmax_loss, 1 - grades if harmful else grades), epochs=10))

    view = training_view(small, taught, "skyline", seed=0)
    labels = fit_and_rank(Trained, view, small.test(), dict(small.question_text)).labels
    assert ("no epoch of training was kept" in str(labels)) == harmful


def test_lists_without_a_label_are_known_by_what_their_labels_are() -> None:
    graded = Objective(softmax_loss, np.array([[0.0, 0.0], [NAN, 1.0], [NAN, NAN]]))
    assert graded.labelled.tolist() == [True, True, False]
    counts = np.zeros((2, 3, 4, 2))
    counts[1, 0, 0, 0] = 1
    assert Objective(softmax_loss, counts).labelled.tolist() == [False, True]


def test_reciprocal_rank_fusion_by_operators(small: Task) -> None:
    frame = small.test().frame(dict(small.question_text))
    fused = ReciprocalRank(60).transform(frame.assign(score=-frame["rank"].astype(float)))
    assert fused[fused["rank"] == 0].score.unique().tolist() == [1 / 61]


def test_reciprocal_ranks_of_ties_are_the_benchmarks_coin_whatever_the_order_of_rows(small: Task) -> None:
    frame = small.test().frame(dict(small.question_text)).assign(score=1.0)
    forwards, backwards = (
        ReciprocalRank(60).transform(rows).set_index(["qid", "docno"]).score.sort_index()
        for rows in (frame, frame[::-1])
    )
    assert (forwards == backwards).all()
    questions = small.test()
    coins = tiebreaks(questions.qids.tolist(), questions.docnos.tolist())
    first = questions.docnos[np.arange(len(coins)), coins.argmin(axis=1)]
    assert set(forwards[forwards == 1 / 61].index) == set(zip(questions.qids, first, strict=True))


def test_reciprocal_ranks_are_of_finite_numbers(small: Task) -> None:
    frame = small.test().frame(dict(small.question_text)).assign(score=1.0)
    frame.loc[7, "score"] = NAN
    with pytest.raises(SystemFault, match=f"query {frame.qid[7]}: document {frame.docno[7]} has score nan"):
        ReciprocalRank().transform(frame)
    for k in (-1.0, NAN, math.inf):
        with pytest.raises(ConfigurationError, match="need a finite k above -1"):
            ReciprocalRank(k)


def test_results_must_be_the_candidates(small: Task) -> None:
    asked = small.test().frame(dict(small.question_text))
    cases = {
        "is returned twice": asked._append(asked.iloc[0]),
        "is missing": asked.iloc[1:],
        "is not among the candidates": asked.assign(docno=["zzz", *asked.docno[1:]]),
        "must be finite": asked.assign(score=[np.nan, *asked.score[1:]]),
        "lack column score": asked.drop(columns="score"),
    }
    for told, ranked in cases.items():
        with pytest.raises(SystemFault, match=told):
            scores_of(ranked, asked)


def test_a_system_needs_a_docstring_a_family_and_a_free_name() -> None:
    with pytest.raises(ConfigurationError, match="docstring"):
        system("nameless", family="clicks")(type("Nameless", (System,), {}))
    with pytest.raises(ConfigurationError, match="family"):
        system("x", family="magic")(type("X", (System,), {"__doc__": "X."}))  # type: ignore[arg-type]
    import baselines  # noqa: F401

    with pytest.raises(ConfigurationError, match="taken"):
        system("bm25", family="floor")(type("Other", (System,), {"__doc__": "Other."}))
