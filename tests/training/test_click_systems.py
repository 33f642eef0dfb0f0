from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch

from benchmark import (
    Curriculum,
    DualLearning,
    ListwiseRanker,
    Objective,
    Stage,
    TrainingView,
    softmax_loss,
)
from benchmark.labels.clicks.models.pbm import PositionBasedModel
from benchmark.labels.clicks.models.registry import fitted
from benchmark.running.fit import fit_and_rank, training_view
from benchmark.running.registry import load_systems
from benchmark.tasks.task import Grades, Task

SYSTEMS = sorted(name for name, cls in load_systems().items() if cls.family == "clicks")


@pytest.fixture(scope="module")
def view(small: Task, taught: Grades) -> TrainingView:
    return training_view(small, taught, "clicks", seed=0)


def fit(view: TrainingView, *stages: Stage) -> ListwiseRanker:
    ranker = ListwiseRanker(view.features.pairs, start=view.features.column("cosine"))
    return ranker.fit_curriculum(Curriculum(*stages), view)


class _SoftmaxModule(torch.nn.Module):
    def forward(self, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return softmax_loss(scores, labels)


def test_a_module_without_parameters_trains_as_the_function_does(view: TrainingView) -> None:
    labels = np.random.default_rng(0).random(view.docnos.shape)
    one, other = (fit(view, Stage(Objective(loss, labels), epochs=3)) for loss in (softmax_loss, _SoftmaxModule()))
    lists = view.dev.qids, view.dev.docnos
    assert (one.score_lists(*lists) == other.score_lists(*lists)).all()


def test_a_curriculum_with_a_trained_loss_can_be_fitted_again(view: TrainingView) -> None:
    counts = view.click_counts()
    loss = DualLearning(counts.shape[2])
    stages = [Stage(Objective(loss, counts), epochs=3)] * 2
    one, other = fit(view, *stages), fit(view, *stages)
    lists = view.dev.qids, view.dev.docnos
    assert (one.score_lists(*lists) == other.score_lists(*lists)).all()
    assert (loss.tower == 0).all()  # the curriculum's own is untouched
    fitted = [each for each in one.losses if isinstance(each, DualLearning)]
    assert fitted[0] is fitted[1]  # one loss in two stages stays one
    assert (fitted[0].tower != 0).any() and torch.equal(fitted[0].tower, other.losses[0].tower)  # type: ignore[union-attr]


def test_counts_are_those_of_the_log(view: TrainingView, small: Task) -> None:
    counts = view.click_counts()
    assert counts.shape == (*view.docnos.shape, view.log.page_size, 2)
    assert (counts[..., 0, 0].sum(axis=1) == view.frequency).all()  # a page has one document at rank 1
    assert counts[..., 1].sum() == view.log.only(view.qids).clicked.sum()
    shown = int(view.frequency.sum())
    assert f"simulated clicks: {shown:,} of {len(small.training_log):,} impressions, counts by rank" in view.provenance


@pytest.mark.parametrize(
    ("labels", "told"), [(np.ones(3), "queries, list"), (np.full((2, 3, 2), np.nan), "must be finite")]
)
def test_an_objective_refuses_counts_that_cannot_be_trained(labels: np.ndarray, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Objective(softmax_loss, labels)


def test_objectives_of_a_stage_may_differ_in_what_they_know_of_a_pair(view: TrainingView) -> None:
    counts = view.click_counts()
    Stage(Objective(softmax_loss, counts[..., 0, 0]), Objective(softmax_loss, counts))
    with pytest.raises(ValueError, match="same queries"):
        Stage(Objective(softmax_loss, counts[..., 0, 0]), Objective(softmax_loss, counts[:1]))


def test_a_query_weighs_by_how_much_of_the_priors_variance_its_clicks_took(view: TrainingView) -> None:
    """1 - mean v / v of the prior, whatever the largest v is: a lucky click makes no other query weigh more."""
    ((objective,),) = (stage.objectives for stage in load_systems()["clicks-pbm-weighted"]().curriculum(view).stages)
    model = fitted("pbm", view.log)
    assert isinstance(model, PositionBasedModel)
    m, s = model.prior.typical, model.prior.strength
    variance = model.deviation.reshape(-1, view.log.list_size)[view.log.rows(view.qids)] ** 2
    expected = np.maximum(1 - variance.mean(axis=1) / (m * (1 - m) / (s + 1)), 0)
    np.testing.assert_allclose(objective.query_weight, expected, rtol=1e-9, atol=1e-12)
    assert np.ptp(expected) > 0


def _keeping_all_epochs(small: Task, taught: Grades) -> TrainingView:
    """A view on whose dev questions each epoch seems better than the last: of so few lists none might be kept."""
    view, reached = training_view(small, taught, "clicks", seed=0), count()
    view.dev = replace(view.dev, ndcg=lambda scores: float(next(reached)))
    return view


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_click_system_fits_the_same_twice(name: str, small: Task, taught: Grades) -> None:
    cls = load_systems()[name]
    first, second = (
        fit_and_rank(cls, _keeping_all_epochs(small, taught), small.test(), dict(small.question_text)) for _ in range(2)
    )
    assert (first.scores == second.scores).all() and len(np.unique(first.scores)) > 1
    assert first.labels and all(note.startswith("simulated clicks") for note in first.labels)
