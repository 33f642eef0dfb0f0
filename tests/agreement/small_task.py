"""A task of ninety questions with planted labels, made in memory."""

from __future__ import annotations

from datetime import date
from typing import cast

import numpy as np

from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments import Judgments, Metadata, PromptUsed
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.judgments.rows import split, to_rows
from benchmark.tasks.features import FeatureStore
from benchmark.tasks.task import Grades, Questions, Task

TRAIN, HELD_OUT, SIZE, PAGE = 60, 30, 6, 4


def make_task(*, simulated: bool = True, seed: int = 0) -> tuple[Task, Grades]:
    """Questions t00 ... and h00 ... of six documents; one is relevant; only train questions are in the log."""
    rng = np.random.default_rng(seed)
    total = TRAIN + HELD_OUT
    qids = np.array([f"t{number:02}" for number in range(TRAIN)] + [f"h{number:02}" for number in range(HELD_OUT)])
    docnos = np.array([[f"{qid}-{place}" for place in range(SIZE)] for qid in qids])
    relevant = rng.integers(0, SIZE, total)
    query = np.repeat(np.arange(TRAIN, dtype=np.int32), 30)
    shown = rng.permuted(np.tile(np.arange(SIZE, dtype=np.uint8), (len(query), 1)), axis=1)[:, :PAGE]
    attractive = shown == relevant[query, None]
    clicked = rng.random(shown.shape) < np.where(attractive, 0.6, 0.05) / np.arange(1, PAGE + 1)
    questions = Questions(
        qids,
        docnos,
        frequency=np.where(np.arange(total) < TRAIN, 30, 0),
        stratum=np.resize(["high", "medium", "low"], total),
        split=np.array(["train"] * TRAIN + ["test"] * HELD_OUT),
        seen=np.zeros(total, dtype=bool),
        draw=np.zeros(total, dtype=np.int64),
    )
    task = Task(
        name="small",
        version="1",
        title="small",
        manifest_sha256="0" * 64,
        questions=questions,
        question_text={},
        document_text={},
        features=cast(FeatureStore, None),
        log=ImpressionLog(qids[:TRAIN], query, shown, clicked, SIZE, simulated),
        judgments={},
        annotated_per_stratum=TRAIN,
        train_on_seen=False,
    )
    return task, Grades({qid: {row[at]: 1} for qid, row, at in zip(qids, docnos, relevant, strict=True)})


def make_judgments(
    task: Task, grades: Grades, *, scale: Scale, right: float, seed: int = 1, model: str = "m", language: str = "en"
) -> Judgments:
    """A judge that knows with probability `right` whether a document is relevant, in the form of a file."""
    rng = np.random.default_rng(seed)
    truth = grades.of(task.questions).ravel()
    said = np.where(rng.random(len(truth)) < right, truth, 1 - truth)
    value = {
        "yes-no": np.where(said == 1, 0.8, 0.3),
        "grade": said * 3.0,
        "likelihood": said - 1 - rng.random(len(said)),
    }
    told = {
        "yes-no": np.log(np.where(said == 1, 0.8, 0.3)[:, None] * [1, -1] + [0, 1]),
        "grade": np.log(np.where(np.arange(4) == 3 * said[:, None], 0.7, 0.1)),
        "likelihood": np.tile([-1.0, 1.0], (len(truth), 1)),
    }
    rows = to_rows(
        Judgment(qid, docno, "ok", float(one), log_probabilities=tuple(log_p))
        for qid, docno, one, log_p in zip(
            np.repeat(task.questions.qids, task.questions.docnos.shape[1]).tolist(),
            task.questions.docnos.ravel().tolist(),
            value[scale],
            told[scale].tolist(),
            strict=True,
        )
    )
    metadata = Metadata(
        method="graded-3" if scale == "grade" else scale,
        scale=scale,
        prompts={f"{scale}-{language}-v1": PromptUsed(sha256="0" * 64, language=language)},
        settings={},
        model=Model(name=model),
        purpose="training",
        candidates="-",
        created=date(2026, 1, 1),
        lists=len(task.questions),
        rows=len(rows),
        statuses={"ok": len(rows)},
        seconds=0,
        rows_sha256="0" * 64,
    )
    return Judgments(*split(rows), metadata)
