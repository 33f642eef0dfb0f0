"""Rounds of annotation: which questions are next, by what the judgments so far make of a ranker."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judgments import Chooser, Judgments
from benchmark.labels.llm.labels import SHARPENED, list_labels
from benchmark.labels.llm.selection.registry import entry
from benchmark.labels.llm.selection.round_ranker import dev_errors, ranker_of
from benchmark.labels.llm.selection.strategy import select
from benchmark.labels.llm.selection.task_pool import pool_of
from benchmark.running.fit import training_view
from benchmark.tasks.task import Grades, Questions, Task

DRAW = "draw"
"""The order in which the task publishes its questions: every stratum alike."""


def questions_to_annotate(
    task: Task,
    grades: Grades,
    questions: Questions,
    budget: int,
    strategy: str,
    earlier: Judgments | None = None,
    seed: int = 0,
) -> Questions:
    """At most `budget` of the questions, by the strategy, the most wanted first; not those that were judged earlier.

    A list of which a judgment failed was not judged. Raises `ConfigurationError` when none is left, or when the
    strategy goes by a ranker and there is nothing to train it on.
    """
    if earlier is not None:
        questions = questions.where(~np.isin(questions.qids, list(earlier.finished)))
    if not len(questions):
        raise ConfigurationError("every question of the split has been annotated; nothing is left to select")
    if strategy == DRAW:
        return _take(questions, np.lexsort((questions.qids, questions.draw))[:budget])
    scores, error = None, None
    if entry(strategy).by_ranker:
        if earlier is None:
            raise ConfigurationError(
                f"selection strategy {strategy} goes by a ranker: name earlier judgments, --so-far FILE"
            )
        scores, error = ranker_so_far(task, grades, earlier, questions, seed)
    pool = pool_of(strategy, questions, task.features, task.training_log, scores=scores, error=error)
    return _take(questions, select(strategy, pool, budget, seed))


def chosen_by(strategy: str, earlier: Judgments | None = None) -> frozenset[Chooser]:
    """What goes into the choice of `questions_to_annotate` besides the questions.

    Also what chose the lists of `earlier`, which are left out; where a ranker learns from them, all that supervised it.
    """
    read = frozenset[Chooser]() if strategy == DRAW else entry(strategy).reads
    if earlier is None:
        return read
    by_ranker = strategy != DRAW and entry(strategy).by_ranker
    return read | (earlier.metadata.supervision if by_ranker else frozenset(earlier.metadata.chosen_by))


def _take(questions: Questions, rows: npt.NDArray[np.intp]) -> Questions:
    return Questions(**{name: getattr(questions, name)[rows] for name in questions.__dataclass_fields__})


def ranker_so_far(
    task: Task, grades: Grades, judgments: Judgments, questions: Questions, seed: int = 0
) -> tuple[npt.NDArray[np.float32], dict[str, float]]:
    """Scores [n, L] of `questions` by the track's ranker trained on the judgments, and 1 - nDCG@10 on dev by stratum.

    It is trained on all judged questions of the training split, those too that no compared system trains on. Of
    `grades` those of dev questions are used, as for every choice that is made on dev. Raises `DataError` when the
    judgments say nothing of any question of the training split.
    """
    every = task.questions
    judged = every.where((every.split == "train") & np.isin(every.qids, judgments.table["qid"].unique()))
    view = training_view(task, grades.only(task.dev().qids), "llm", seed, judged)
    labels = list_labels(judgments, view.qids, view.docnos, SHARPENED)
    if np.isnan(labels).all():
        raise DataError("the judgments so far say nothing of any training question of the task; name others")
    ranker = ranker_of(view, labels)
    return ranker.score_lists(questions.qids, questions.docnos), dev_errors(ranker, view)
