"""Whether a sweep is of other code or data than there is today."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from benchmark.running.cell import data_seen, make_cell
from benchmark.running.record import read_record
from benchmark.running.registry import load_systems
from benchmark.tasks.registry import TASKS
from leaderboard.robustness.pack import Sweep


def is_outdated(sweep: Sweep, results: Path) -> bool:
    """Whether any cell of the sweep would be run again today, or is not the one that lies below `results`.

    A cell is held against the identity that it would have now: of its parameters, all code that its system can reach,
    data, seed and share. No task is loaded.
    """
    systems = load_systems()

    @cache
    def data(task: str) -> tuple[str, str]:
        return TASKS[task].manifest_sha256(), TASKS[task].judgments_sha256()

    for cell in sweep.cells:
        if cell.system not in systems or cell.task not in TASKS:
            return True
        cls = systems[cell.system]
        seen = data_seen(cls, *data(cell.task))
        if make_cell(cls, cell.task, seen, cell.seed, sweep.protocol.share).identity != cell.identity:
            return True
    paths = {results / cell.task / cell.system / f"{cell.seed}.json": cell.identity for cell in sweep.cells}
    return any(path.is_file() and read_record(path).identity != identity for path, identity in paths.items())
