"""A task as PyTerrier takes it: topics, qrels, the first stage, and any system fitted, for `pt.Experiment`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyterrier as pt

from benchmark.running.admission import admit
from benchmark.running.fit import fit, training_view
from benchmark.running.own_copy import own_copy
from benchmark.running.registry import load_systems, system_named
from benchmark.running.taught import taught
from benchmark.tasks.registry import DEFAULT_TASK, task_entry
from benchmark.tasks.task import Grades, Task


@dataclass(frozen=True)
class Experiment:
    """The test questions of a task, and pipelines for them; each system re-ranks the candidates of the task.

    `topics` (qid, query) and `qrels` (qid, docno, label) are of the test questions. `first_stage` retrieves their
    candidates: what follows it with `>>` may be a fitted system or any other transformer. What is not a candidate no
    system can score: its features are not known. `pt.Experiment` orders documents of equal scores by docno, records by
    a hash that favours none: where a system ties, the two may differ a little.
    """

    task: Task
    topics: pd.DataFrame
    qrels: pd.DataFrame
    first_stage: pt.Transformer
    taught: Grades
    submissions: tuple[Path, ...] = ()

    def fitted(self, system: str, seed: int = 0) -> pt.Transformer:
        """The system, trained as `click-or-llm run` trains it.

        Raises `ConfigurationError` where there is none, and `SystemFault` for a submission that may not be run.
        """
        for folder in self.submissions:
            admit(folder)
        cls = system_named(system, load_systems())
        task, taught = own_copy(self.task, self.taught)
        return fit(cls, training_view(task, taught, cls.family, seed))


def open_experiment(name: str = DEFAULT_TASK, *, share: float = 1.0, submissions: tuple[Path, ...] = ()) -> Experiment:
    """The experiment on a `share` of a task's questions; `submissions` are folders of systems that are known, too."""
    task, grades = task_entry(name).load()
    task = task.taking(share)
    test = task.test()
    candidates = test.frame(task.question_text)
    judged = [
        (qid, docno, grade) for qid in test.qids.tolist() for docno, grade in sorted(grades.relevant[qid].items())
    ]
    return Experiment(
        task,
        candidates[["qid", "query"]].drop_duplicates(ignore_index=True),
        pd.DataFrame(judged, columns=["qid", "docno", "label"]),
        pt.Transformer.from_df(candidates, uniform=False),
        taught(task, grades),
        submissions,
    )
