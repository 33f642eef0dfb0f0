"""Runs cells on the cores of this machine: workers fit and rank, this process alone scores and writes.

It imports no submission, and a worker imports one only when it holds no grades of test questions any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from benchmark.errors import SystemFault
from benchmark.running.cell import Cell
from benchmark.running.fit import Fitted, fit_and_rank, training_view
from benchmark.running.own_copy import own_copy
from benchmark.running.registry import load_systems, system_named
from benchmark.running.score import score_rankings
from benchmark.running.store import write_cell
from benchmark.running.taught import load_taught
from benchmark.running.workers import Workers, end_with_parent
from benchmark.tasks.registry import task_entry
from benchmark.tasks.task import Grades, Task


@dataclass(frozen=True)
class Finished:
    """A cell that is done, with what its record says of this seed alone, or the error that it ended with."""

    cell: Cell
    seconds: float
    macro: float | None = None
    notes: tuple[str, ...] = ()
    error: str = ""


def run_cells(
    cells: Sequence[Cell],
    results: Path,
    *,
    workers: int,
    on_start: Callable[[Cell], None] = lambda cell: None,
) -> Iterator[Finished]:
    """Run cells of one task and share; each is yielded when its files are written. Closing it stops the workers.

    Cells of what is installed share workers. Each cell of a submission has a process to itself, which imports no other
    submission: what is kept in a module, or set for all of torch, reaches no other cell.
    """
    if not cells:
        return
    first = cells[0]
    task, grades = task_entry(first.task).load()
    task = task.taking(first.share)
    test = task.test()
    score = score_rankings(test, grades)
    together = _by_submission(cells)
    given = (_made(some, min(workers, len(some)), on_start) for some in together.values())
    for cell, made in chain.from_iterable(given):
        if isinstance(made, str):
            yield Finished(cell, 0.0, error=made)
            continue
        scores, labels = made.fitted.scores, made.fitted.labels
        record = write_cell(
            results, cell, task, test, scores, score(scores), labels, list(made.dev_choices), made.seconds
        )
        yield Finished(cell, made.seconds, record.scores["nDCG@10"].get("macro"), tuple(record.of_its_seed))


def _by_submission(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """The cells of each submission, and under no name those of what is installed."""
    together: dict[str, list[Cell]] = {}
    for cell in cells:
        together.setdefault(cell.submission, []).append(cell)
    return together


@dataclass(frozen=True)
class _Made:
    """What a worker made of a cell, and in how many seconds; what its system says is chosen on dev questions."""

    fitted: Fitted
    dev_choices: tuple[str, ...]
    seconds: float


def _made(cells: Sequence[Cell], workers: int, on_start: Callable[[Cell], None]) -> Iterator[tuple[Cell, _Made | str]]:
    """What the workers made of each cell, or the error that it ended with.

    A worker that dies (a system that was killed for its memory) takes the pool with it: the cells that were running are
    then run again, one at a time, until it is known whose it was.
    """
    waiting, alone = list(reversed(cells)), list[Cell]()
    running: dict[Future[_Made], Cell] = {}
    pool = _pool(cells[0], workers)
    try:
        while waiting or alone or running:
            queue = alone or waiting  # one is only ever alone where nothing else runs
            for _ in range(min(len(queue), 1 if alone else workers - len(running))):
                try:
                    future = pool.submit(_work, queue[-1].system, queue[-1].seed)
                except BrokenProcessPool:  # a worker died while the last result was dealt with
                    break
                running[future] = queue.pop()
                on_start(running[future])
            if not running:  # it had been idle
                pool.stop()
                pool = _pool(cells[0], workers)
                continue
            suspects: list[Cell] = []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                cell = running.pop(future)
                try:
                    yield cell, future.result()
                except SystemFault as fault:
                    yield cell, str(fault)
                except BrokenProcessPool:
                    suspects.append(cell)
            if suspects:
                suspects += running.values()
                running.clear()
                pool.stop()
                pool = _pool(cells[0], workers)
                if len(suspects) == 1:
                    told = "its process died: killed, perhaps for the memory that it took"
                    yield suspects[0], f"system {suspects[0].system}, seed {suspects[0].seed}: {told}"
                else:
                    alone += suspects
    finally:
        pool.stop()


def _pool(first: Cell, workers: int) -> Workers:
    """Workers for cells like the first: of installed systems, or of one submission."""
    return Workers(
        workers,
        initializer=_start_worker,
        initargs=(first.task, first.share, (Path(first.submission),) if first.submission else ()),
        max_tasks_per_child=1 if first.submission else None,
    )


_STATE: dict[str, tuple[Task, Grades]] = {}


def _start_worker(task_name: str, share: float, submissions: tuple[Path, ...]) -> None:
    """Load what systems may see; the grades of test questions are gone before any submission is imported."""
    import torch

    torch.set_num_threads(1)
    end_with_parent()
    _STATE["task"] = load_taught(task_name, share)
    load_systems(submissions)


def _work(system: str, seed: int) -> _Made:
    begun = time.perf_counter()
    task, grades = own_copy(*_STATE["task"])
    cls = system_named(system, load_systems())
    view = training_view(task, grades, cls.family, seed)
    fitted = fit_and_rank(cls, view, task.test(), dict(task.question_text))
    plain = Fitted(np.asarray(fitted.scores), fitted.labels)
    return _Made(plain, tuple(cls.dev_choices), time.perf_counter() - begun)
