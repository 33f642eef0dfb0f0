"""What is to be run: the product of tasks, systems and seeds, less what is there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from benchmark.errors import ConfigurationError, SystemFault
from benchmark.running.cell import SEEDS, Cell, data_seen, make_cell
from benchmark.running.workers import Workers
from benchmark.tasks.registry import DEFAULT_TASK, task_entry


@dataclass(frozen=True)
class Plan:
    """Cells to run, each with what is lacking, and how many need no run."""

    lacks: dict[Cell, str]
    done: int

    @property
    def todo(self) -> dict[str, list[Cell]]:
        """Cells to run, by task."""
        return {task: list(cells) for task, cells in groupby(self.lacks, key=lambda cell: cell.task)}


def make_plan(
    results: Path,
    *,
    systems: Sequence[str] = (),
    tasks: Sequence[str] = (),
    seeds: Sequence[int] = (),
    track: str = "features",
    share: float = 1.0,
    submissions: tuple[Path, ...] = (),
) -> Plan:
    """The cells of the given systems (all), tasks (the embedded one) and seeds (five); seeds outermost.

    With submissions and no systems named, the submissions' systems are run; they are imported in a process of their
    own, as this one may go on to score them. Raises `ConfigurationError` for a name that does not exist or a number out
    of range, and `SystemFault` for a submission that may not be run.
    """
    if track != "features":
        raise ConfigurationError(f"track {track}: only the track features can be run; see: click-or-llm run --help")
    if not 0 < share <= 1:
        raise ConfigurationError(f"share {share:g}: must be above 0 and at most 1")
    for seed in seeds:
        if seed < 0:
            raise ConfigurationError(f"seed {seed}: must not be negative")
    names = tuple(task_entry(name).name for name in tasks or (DEFAULT_TASK,))
    cells = partial(_cells, tuple(systems), names, tuple(seeds or SEEDS), share, submissions)
    lacks: dict[Cell, str] = {}
    done = 0
    for cell in _apart(cells, submissions) if submissions else cells():
        if lack := cell.lack(results):
            lacks[cell] = lack
        else:
            done += 1
    return Plan(lacks, done)


def _cells(
    systems: Sequence[str], tasks: Sequence[str], seeds: Sequence[int], share: float, submissions: Sequence[Path]
) -> list[Cell]:
    # Imports torch, which takes seconds: only after the checks.
    from benchmark.running.admission import admit
    from benchmark.running.registry import load_systems, system_named

    submitted = {cls.name: _named(folder) for folder in submissions for cls in admit(folder)}
    known = load_systems()
    chosen = [system_named(name, known) for name in (systems or submitted or sorted(known))]
    cells: list[Cell] = []
    for entry in map(task_entry, tasks):
        manifest, judgments = entry.manifest_sha256(), entry.judgments_sha256()
        for seed in seeds:
            for cls in chosen:
                data = data_seen(cls, manifest, judgments)
                cells.append(make_cell(cls, entry.name, data, seed, share, submitted.get(cls.name, "")))
    return cells


def _apart(cells: Callable[[], list[Cell]], submissions: Sequence[Path]) -> list[Cell]:
    """The cells as another process finds them: what it imports ends with it."""
    workers = Workers(1)
    try:
        return workers.submit(cells).result()
    except BrokenProcessPool:
        folders = " ".join(map(str, submissions))
        raise SystemFault(f"{folders}: the process that imported it died; an import must not end its process") from None
    finally:
        workers.stop()


def _named(folder: Path) -> str:
    """The path of a submission, which ends in its name also where it was given as `.`."""
    return (folder if folder.name == folder.resolve().name else folder.resolve()).as_posix()
