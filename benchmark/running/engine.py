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

from benchmark.errors import BenchmarkError, SystemFault
from benchmark.running.cell import Cell, data_seen, make_cell
from benchmark.running.fit import Fitted
from benchmark.running.fit_alone import fit_alone
from benchmark.running.plain_text import plain_texts
from benchmark.running.registry import load_systems, system_named
from benchmark.running.score import score_rankings
from benchmark.running.store import write_cell
from benchmark.running.taught import load_taught
from benchmark.running.workers import Workers
from benchmark.tasks.registry import task_entry
from benchmark.tasks.task import Grades, Task
from benchmark.training.system import System


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
        record = write_cell(results, cell, task, test, scores, score(scores), labels, made.dev_choices, made.seconds)
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
    dev_choices: list[str]
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
                    future = pool.submit(_work, queue[-1])
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
                except BenchmarkError as fault:
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
    _STATE["task"] = load_taught(task_name, share, submission=bool(submissions))
    load_systems(submissions)


def _work(cell: Cell) -> _Made:
    """Fit and rank; what goes back is plain numbers and texts, of no class that the scoring process would import."""
    begun = time.perf_counter()
    whose = f"system {cell.system}, seed {cell.seed}"
    try:
        cls = system_named(cell.system, load_systems())
        if cell.submission:
            _check_unchanged(cls, cell)
        dev_choices = plain_texts(cls.dev_choices, f"{whose}, dev_choices")  # before the system can change them
        fitted = fit_alone(cls, *_STATE["task"], cell.family, cell.seed, submission=bool(cell.submission))
        labels = plain_texts(fitted.labels, f"{whose}, a note")
    except Exception:
        raise
    except BaseException as error:  # as it is, it would end the run
        raise SystemFault(f"{whose}: raised {type(error).__name__}") from None
    return _Made(Fitted(np.asarray(fitted.scores), labels), dev_choices, time.perf_counter() - begun)


def _check_unchanged(cls: type[System], cell: Cell) -> None:
    """What is run is what was planned: the same code, parameters and family, of which the record will tell."""
    entry = task_entry(cell.task)
    data = data_seen(cls, entry.manifest_sha256(), entry.judgments_sha256())
    now = make_cell(cls, cell.task, data, cell.seed, cell.share, cell.submission)
    if (now.identity, now.family) != (cell.identity, cell.family):
        raise SystemFault(f"system {cell.system}, seed {cell.seed}: has changed since the run began; run it again")
