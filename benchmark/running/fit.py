"""Fits a system and lets it rank. This runs in a process that never holds a grade of a test question."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, SupportsFloat

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyterrier as pt
import torch
from pandas.api.types import is_complex_dtype, is_numeric_dtype

from benchmark.errors import BenchmarkError, SystemFault
from benchmark.families import HUMAN_SUPERVISED, SEES_CLICKS, SEES_JUDGMENTS
from benchmark.running.score import ndcg_means
from benchmark.tasks.task import Grades, Questions, Task
from benchmark.training.system import System
from benchmark.training.view import DevView, TrainingView

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments import Judgments


@dataclass(frozen=True)
class Fitted:
    """What a system gave: scores [n, L] of the test questions' candidates, and what it learned from."""

    scores: npt.NDArray[np.float64]
    labels: list[str]


def training_view(
    task: Task, grades: Grades, family: str, seed: int, training: Questions | None = None
) -> TrainingView:
    """The view of a system of the given family; `grades` hold training and dev questions, never test questions.

    `training` are the questions that it learns from: those of the task unless told otherwise.
    """
    training, dev = task.training() if training is None else training, task.dev()
    tested = set(task.test().qids.tolist()) & set(grades.relevant)
    if tested:
        raise SystemFault(f"grades of {len(tested)} test questions were about to reach a system")
    human: Callable[[], npt.NDArray[np.float64]] | None = None
    if family in HUMAN_SUPERVISED:
        human = lambda: _training_grades(grades, training)  # noqa: E731
    return TrainingView(
        training,
        log=task.training_log if family in SEES_CLICKS else None,
        judgments=_judgments(task, family) if family in SEES_JUDGMENTS else None,
        features=task.features,
        question_text=task.question_text,
        document_text=task.document_text,
        dev=DevView(dev.qids, dev.docnos, *ndcg_means(dev, grades.only(dev.qids))),
        seed=seed,
        human=human,
    )


def _judgments(task: Task, family: str) -> Mapping[str, Judgments]:
    """Those that a family may learn from."""
    return {name: one for name, one in task.judgments.items() if one.metadata.may_teach(family)}


def _training_grades(grades: Grades, training: Questions) -> npt.NDArray[np.float64]:
    """Grades of training questions; a test question that is trained on for its clicks has none (NaN)."""
    known = np.isin(training.qids, list(grades.relevant))
    labels = np.full(training.docnos.shape, np.nan)
    labels[known] = grades.of(training.where(known))
    return labels


def fit(cls: type[System], view: TrainingView) -> pt.Transformer:
    """A system, fitted; the global generators of torch and NumPy begin at the seed, for systems that use them.

    Dev questions give no numbers to one that declares no choice.
    """
    torch.manual_seed(view.seed)
    np.random.seed(view.seed)  # noqa: NPY002
    if not cls.dev_choices:
        view.dev = view.dev.closed()
    return cls().fit(view)


def fit_and_rank(cls: type[System], view: TrainingView, test: Questions, text: dict[str, str]) -> Fitted:
    """Fit a system and re-rank the test questions; raises `SystemFault`, naming the system, for whatever goes wrong."""
    try:
        fitted = fit(cls, view)
        if not hasattr(fitted, "transform"):
            raise SystemFault(f"fit returned {type(fitted).__name__}; return a transformer")
        frame = test.frame(text)
        ranked = fitted.transform(frame.copy())  # which it may sort in place
        if not isinstance(ranked, pd.DataFrame):
            raise SystemFault(f"transform returned {type(ranked).__name__}; return a DataFrame")
        scores = scores_of(ranked, frame).reshape(test.docnos.shape)
    except BenchmarkError as error:
        raise SystemFault(f"system {cls.name}, seed {view.seed}: {error}") from error
    except (Exception, SystemExit) as error:
        told = f"raised {type(error).__name__}{_line(cls, error)}: {' '.join(str(error).split())}"
        raise SystemFault(f"system {cls.name}, seed {view.seed}: {told}") from error
    return Fitted(scores, view.learned_from())


def _line(cls: type[System], error: BaseException) -> str:
    """The last line of the system's own file that was running, if any was."""
    own = sys.modules[cls.__module__].__file__
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own]
    return f" at line {lines[-1]} of {Path(own).name}" if own and lines else ""


def scores_of(ranked: pd.DataFrame, asked: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The scores that `ranked` gives to the rows of `asked`; they must be the same pairs, once each, and finite."""
    missing = {"qid", "docno", "score"} - set(ranked.columns)
    if missing:
        raise SystemFault(f"results lack column {', '.join(sorted(missing))}; return qid, docno and score")
    pairs = pd.MultiIndex.from_frame(ranked[["qid", "docno"]].astype(str))
    if pairs.has_duplicates:
        qid, docno = pairs[pairs.duplicated()][0]
        raise SystemFault(f"query {qid}: document {docno} is returned twice")
    wanted = pd.MultiIndex.from_frame(asked[["qid", "docno"]])
    strange = ~pairs.isin(wanted)
    if strange.any():
        qid, docno = pairs[strange][0]
        raise SystemFault(f"query {qid}: document {docno} is not among the candidates")
    place = pairs.get_indexer(wanted)
    if (place < 0).any():
        qid, docno = wanted[place < 0][0]
        raise SystemFault(f"query {qid}: document {docno} is missing from the results; return every candidate")
    scores = _numbers(ranked["score"])[place]
    if not np.isfinite(scores).all():
        row = int(np.argmax(~np.isfinite(scores)))
        raise SystemFault(
            f"query {wanted[row][0]}: document {wanted[row][1]} has score {scores[row]}; scores must be finite"
        )
    return scores


def _numbers(column: pd.Series) -> npt.NDArray[np.float64]:
    """A column of scores as numbers; not what would have to be read (text) or cut (complex numbers) for that."""
    if not (is_numeric_dtype(column) and not is_complex_dtype(column)):
        for value in column:
            strange = isinstance(value, str | bytes | complex | np.complexfloating)
            if strange or not isinstance(value, SupportsFloat):
                raise SystemFault(f"column score holds {value!r} ({type(value).__name__}); scores must be real numbers")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
