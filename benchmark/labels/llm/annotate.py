"""Asks a judge about every pair of a task, once, and exports the journal of answers as judgments."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from benchmark.errors import DataError
from benchmark.labels.llm.journal import Answer, append, open_journal, read_journal
from benchmark.labels.llm.judge import Item, Judge
from benchmark.labels.llm.judgments import Judgments, write_judgments

Texts = Mapping[str, str] | Callable[[str], str]


@dataclass(frozen=True)
class TaskPairs:
    """The pairs to judge: qids in the order of their importance, the docnos of each, and where the texts come from."""

    qids: Sequence[str]
    docnos: Mapping[str, Sequence[str]]
    question: Texts
    document: Texts

    def missing(self, done: Mapping[tuple[str, str], object]) -> dict[str, list[str]]:
        """docno -> qids still to be asked of it; documents in the order in which the questions first name them."""
        todo: dict[str, list[str]] = {}
        for qid in dict.fromkeys(self.qids):
            if qid not in self.docnos:
                raise DataError(f"question {qid}: has no candidate documents; leave it out or add them")
            for docno in dict.fromkeys(self.docnos[qid]):
                if (qid, docno) not in done:
                    todo.setdefault(docno, []).append(qid)
        return todo


def annotate(
    pairs: TaskPairs,
    judge: Judge,
    journal_path: Path,
    *,
    block: int = 256,
    console: Console | None = None,
) -> int:
    """Ask `judge` about each pair that `journal_path` does not hold yet; gives the number of pairs asked now.

    Documents are handed over in blocks of about `block` pairs, each document with all of its questions; a block is on
    the disk before the next is asked, so a kill costs one block. Raises `DataError` when the journal is of another
    judge, a text is missing, or the judge gives a wrong number of answers or one that is no number.
    """
    todo = pairs.missing(open_journal(journal_path, judge.provenance).answers)
    total = sum(map(len, todo.values()))
    with _progress(console) as progress:
        task = progress.add_task(judge.provenance.model, total=total)
        for documents in _blocks(todo, block):
            asked = [(qid, docno) for docno, qids in documents for qid in qids]
            items = [
                Item(_text(pairs.document, docno), tuple(_text(pairs.question, qid) for qid in qids))
                for docno, qids in documents
            ]
            started = time.perf_counter()
            values = judge.judge(items)
            seconds = round((time.perf_counter() - started) / len(asked), 4)
            if len(values) != len(asked):
                raise DataError(f"judge {judge.provenance.model}: gave {len(values)} answers for {len(asked)} pairs")
            append(journal_path, [_answer(*pair, *value, seconds) for pair, value in zip(asked, values, strict=True)])
            progress.advance(task, len(asked))
    return total


def export(
    journal_path: Path,
    parquet: Path,
    *,
    candidates: str,
    created: date,
    task_manifest_sha256: str | None = None,
) -> Judgments:
    """Write a journal as `<name>.parquet` and `<name>.json`; `candidates` says how the pairs were chosen."""
    journal = read_journal(journal_path)
    return write_judgments(
        parquet,
        journal.table(),
        journal.provenance,
        candidates=candidates,
        seconds=journal.seconds,
        created=created,
        task_manifest_sha256=task_manifest_sha256,
    )


def _blocks(todo: Mapping[str, list[str]], size: int) -> Iterator[list[tuple[str, list[str]]]]:
    block: list[tuple[str, list[str]]] = []
    count = 0
    for docno, qids in todo.items():
        block.append((docno, qids))
        count += len(qids)
        if count >= size:
            yield block
            block, count = [], 0
    if block:
        yield block


def _text(texts: Texts, key: str) -> str:
    try:
        return texts[key] if isinstance(texts, Mapping) else texts(key)
    except LookupError as error:
        raise DataError(f"the collection has no text of {key}; check the pairs against the task") from error


def _answer(qid: str, docno: str, first: float, second: float, seconds: float) -> Answer:
    try:
        return Answer(qid=qid, docno=docno, first=round(first, 6), second=round(second, 6), seconds=seconds)
    except ValueError as error:
        raise DataError(f"pair {qid} {docno}: the judge answered {first}, {second}; nothing was written") from error


class _Rate(ProgressColumn):
    """Pairs per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.2f} pairs/s")


def _progress(console: Console | None) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console or Console(stderr=True),
        speed_estimate_period=600,  # blocks come minutes apart
    )
