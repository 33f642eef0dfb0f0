"""A task in PyTerrier's own terms."""

from __future__ import annotations

import pyterrier as pt
import pytest

from benchmark.errors import ConfigurationError
from benchmark.running.experiment import Experiment, open_experiment
from benchmark.running.fit import fit_and_rank, training_view
from benchmark.running.registry import load_systems
from benchmark.running.score import score_rankings


@pytest.fixture(scope="module")
def opened() -> Experiment:
    return open_experiment(share=0.02)


def test_an_experiment_gives_the_numbers_of_a_run(opened: Experiment, grades) -> None:
    """nDCG@10 of a fitted system, by PyTerrier and by the benchmark."""
    system = "clicks-naive-listwise"
    pipelines = [opened.first_stage, opened.first_stage >> opened.fitted(system, seed=1)]
    table = pt.Experiment(pipelines, opened.topics, opened.qrels, ["ndcg_cut.10"], names=["first stage", system])
    test = opened.task.test()
    cls = load_systems()[system]
    view = training_view(opened.task, opened.taught, "clicks", seed=1)
    fitted = fit_and_rank(cls, view, test, dict(opened.task.question_text))
    expected = score_rankings(test, grades)(fitted.scores)["nDCG@10"].mean()
    assert table["ndcg_cut.10"][1] == pytest.approx(expected, abs=1e-6)
    assert table["ndcg_cut.10"][0] != table["ndcg_cut.10"][1]


def test_a_fitted_system_composes(opened: Experiment) -> None:
    cosine = opened.fitted("minilm-cosine")
    results = (opened.first_stage >> cosine % 3)(opened.topics)
    assert results.groupby("qid").size().eq(3).all()


def test_chance_is_the_same_of_a_document_alone_and_among_others(opened: Experiment) -> None:
    results = opened.first_stage(opened.topics)
    random = opened.fitted("random", seed=3)
    among = random(results).set_index(["qid", "docno"]).score
    alone = random(results.iloc[[30]])
    assert among[tuple(alone.iloc[0][["qid", "docno"]])] == alone.score.iloc[0]
    assert among.between(0, 1).all() and among.nunique() == len(among)


def test_no_test_grade_is_taught(opened: Experiment) -> None:
    assert not set(opened.task.test().qids) & set(opened.taught.relevant)


def test_an_unknown_system_is_one_line(opened: Experiment) -> None:
    with pytest.raises(ConfigurationError, match="there is no such system; did you mean fusion-famol"):
        opened.fitted("fusion-famoll")
