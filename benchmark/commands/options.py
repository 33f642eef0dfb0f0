"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.errors import ConfigurationError, nearest

RESULTS = Path("leaderboard/results")
OUT = Path("leaderboard")
Results = Annotated[Path, typer.Option(help="Folder of results: one record for each system, task and seed.")]
Systems = Annotated[list[str], typer.Option("--system", help="A system's name; repeat for more. (default: all)")]
Tasks = Annotated[list[str], typer.Option("--task", help="A task's name; repeat for more. (default: insuranceqa)")]
Seeds = Annotated[list[int], typer.Option("--seed", help="A seed; repeat for more. (default: 0 1 2 3 4)")]
Submissions = Annotated[
    list[Path],
    typer.Option(
        "--submission",
        help="A submission's folder; repeat for more. With --system just what that names is run, else just these.",
    ),
]


def is_task(log: str) -> bool:
    """Whether a log is that of a task, and not a store in a folder; `ConfigurationError` where it is neither."""
    from benchmark.tasks.registry import TASKS

    if log in TASKS or Path(log).exists():
        return log in TASKS
    beside = Path(log).parent
    folders = [path.name for path in beside.iterdir() if path.is_dir()] if beside.is_dir() else []
    hint = nearest(Path(log).name, [*folders, *TASKS], otherwise="name the folder of an import, or a task")
    raise ConfigurationError(f"log {log}: is neither a folder nor a task; {hint}")
