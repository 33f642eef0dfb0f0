"""A task's candidate lists as an annotation method takes them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.methods.method import RankedList
from benchmark.tasks.task import Questions, Task


def ranked_lists(task: Task, questions: Questions) -> Iterator[RankedList]:
    """The list of each question, in order, with its texts."""
    for qid, docnos in zip(questions.qids.tolist(), questions.docnos.tolist(), strict=True):
        texts = tuple(task.document_text[docno] for docno in docnos)
        yield RankedList(qid, task.question_text[qid], tuple(docnos), texts)


def judged_lists(task: Task, judgments: Judgments | None) -> list[RankedList]:
    """The lists that were judged, in the order of the task's questions."""
    if judgments is None:
        return []
    asked = np.isin(task.questions.qids, judgments.table["qid"].unique())
    return list(ranked_lists(task, task.questions.where(asked)))
