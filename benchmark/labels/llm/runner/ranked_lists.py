"""A task's candidate lists as an annotation method takes them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from benchmark.labels.llm.methods.method import RankedList
from benchmark.tasks.task import Questions, Task


def ranked_lists(task: Task, questions: Questions) -> Iterator[RankedList]:
    """The list of each question, in order, with its texts."""
    for qid, docnos in zip(questions.qids.tolist(), questions.docnos.tolist(), strict=True):
        texts = tuple(task.document_text[docno] for docno in docnos)
        yield RankedList(qid, task.question_text[qid], tuple(docnos), texts)


def lists_of(task: Task, qids: npt.ArrayLike) -> list[RankedList]:
    """The lists of these questions, in the order of the task's."""
    return list(ranked_lists(task, task.questions.where(np.isin(task.questions.qids, qids))))
