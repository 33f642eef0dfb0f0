"""A task: what every system may see of it, and, held apart, what only the scorer may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.labels.clicks.log import ImpressionLog
from benchmark.tasks.features import FeatureStore

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments import Judgments

Strings = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Questions:
    """Questions in a fixed order with their candidate lists; all arrays have one row per question.

    `docnos` [n, L] is the list in the order of the label-blind first stage; `frequency` [n] the impressions a question
    has in the whole log (also where they are withheld), `stratum` [n] one of high, medium, low.
    """

    qids: Strings
    docnos: Strings
    frequency: npt.NDArray[np.int64]
    stratum: Strings
    split: Strings
    seen: npt.NDArray[np.bool_]
    draw: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.qids)

    def where(self, mask: npt.NDArray[np.bool_]) -> Questions:
        """The questions for which `mask` [n] holds, in the same order."""
        return Questions(**{name: getattr(self, name)[mask] for name in self.__dataclass_fields__})

    def frame(self, text: Mapping[str, str]) -> pd.DataFrame:
        """The candidates as PyTerrier results: qid, query, docno, score, rank, in the first stage's order."""
        rows, size = self.docnos.shape
        return pd.DataFrame(
            {
                "qid": np.repeat(self.qids, size),
                "query": np.repeat([text[qid] for qid in self.qids], size),
                "docno": self.docnos.ravel(),
                "score": np.tile(-np.arange(size, dtype=np.float64), rows),
                "rank": np.tile(np.arange(size), rows),
            }
        )


@dataclass(frozen=True)
class Task:
    """Everything of a task that a system may see. Human grades are not in it: see `Grades`."""

    name: str
    version: str
    title: str
    manifest_sha256: str
    questions: Questions
    question_text: Mapping[str, str]
    document_text: Mapping[str, str]
    features: FeatureStore
    log: ImpressionLog
    annotated_per_stratum: int
    train_on_seen: bool
    judgments: Mapping[str, Judgments] = field(default_factory=dict)
    share: float = 1.0

    def training(self) -> Questions:
        """The questions that all compared systems train on; a judge may have been asked about fewer of them."""
        questions = self.questions
        train = (questions.split == "train") & (questions.draw < self.annotated_per_stratum)
        return questions.where(train | (questions.seen & self.train_on_seen))

    def dev(self) -> Questions:
        """The questions on which a system makes the choices that it declares."""
        return self.questions.where(self.questions.split == "dev")

    def test(self) -> Questions:
        """The questions that are scored."""
        return self.questions.where(self.questions.split == "test")

    @cached_property
    def training_log(self) -> ImpressionLog:
        """The impressions that systems may learn from: none of a question that is scored, unless `train_on_seen`."""
        if self.train_on_seen:
            return self.log
        return self.log.only(self.log.qids[~np.isin(self.log.qids, self.test().qids)])

    def taking(self, share: float) -> Task:
        """The same task on a share of its questions: the first by `draw` of each stratum and split."""
        if share == 1:
            return self
        questions = self.questions
        kept = np.zeros(len(questions), dtype=bool)
        for split in ("train", "dev", "test"):
            for stratum in np.unique(questions.stratum):
                for seen in (False, True):
                    cell = (questions.split == split) & (questions.stratum == stratum) & (questions.seen == seen)
                    size = min(int(cell.sum()), self.annotated_per_stratum) if split == "train" else int(cell.sum())
                    kept |= cell & (questions.draw < np.ceil(share * size))
        kept_questions = questions.where(kept)
        in_log = kept_questions.where((kept_questions.split == "train") | kept_questions.seen)
        return replace(self, questions=kept_questions, log=self.log.only(in_log.qids), share=share)


@dataclass(frozen=True)
class Grades:
    """Human grades, kept apart from `Task`: `of` the listed documents, `ideal` over all judged ones.

    Only the scorer holds the grades of test questions; a training view gets those of other splits. `highest` is the
    top of the task's scale, by which ERR tells how good a grade is; 0: the greatest of these grades, 1 at least.
    """

    relevant: Mapping[str, Mapping[str, int]]
    highest: int = 0

    def __post_init__(self) -> None:
        if not self.highest:
            each = (grade for grades in self.relevant.values() for grade in grades.values())
            object.__setattr__(self, "highest", max(1, max(each, default=1)))

    def of(self, questions: Questions) -> npt.NDArray[np.int64]:
        """The grade of each candidate [n, L]; 0 where no expert graded it."""
        return np.array(
            [
                [grades.get(docno, 0) for docno in row]
                for grades, row in zip((self.relevant[qid] for qid in questions.qids), questions.docnos, strict=True)
            ],
            dtype=np.int64,
        )

    def judged(self, questions: Questions) -> list[list[int]]:
        """The grades of all judged documents of each question, listed or not."""
        return [list(self.relevant[qid].values()) for qid in questions.qids.tolist()]

    def only(self, qids: Strings) -> Grades:
        """The grades of the given questions alone, on the same scale."""
        return Grades({qid: self.relevant[qid] for qid in qids.tolist()}, self.highest)
