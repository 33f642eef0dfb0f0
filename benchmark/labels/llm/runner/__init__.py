"""Annotating: lists and a method on one side, a judge and a store of replies on the other.

Three lists of `insuranceqa`, judged by the small judge, written to a file that systems may learn from, and as labels:

    task, _ = task_entry("insuranceqa").load()
    lists = list(ranked_lists(task, task.training()))[:3]
    method, judge, store = method_named("yes-no"), open_judge("smollm2"), ReplyStore(Path("replies"))
    done = annotate(lists, method, judge, store)
    file = GrowingFile(Path("mine.parquet"), method, judge.model, "training", task.manifest_sha256)
    judgments = file.add(done, store.ran_on(judge.model), f"{task.name} {task.version}", "train questions")
    labels = list_labels(judgments, task.training().qids, task.training().docnos)

`Round` does the same under a budget, after an estimate; `click-or-llm annotate` is made of it.
"""

from benchmark.labels.llm.runner.budget import Budget, Spent
from benchmark.labels.llm.runner.growing_file import GrowingFile
from benchmark.labels.llm.runner.ranked_lists import lists_of, ranked_lists
from benchmark.labels.llm.runner.round import Round
from benchmark.labels.llm.runner.run import Annotation, annotate

__all__ = ["Annotation", "Budget", "GrowingFile", "Round", "Spent", "annotate", "lists_of", "ranked_lists"]
