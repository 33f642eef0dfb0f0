"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RESULTS = Path("leaderboard/results")
Results = Annotated[Path, typer.Option(help="Folder of the records of cells.")]
Systems = Annotated[list[str], typer.Option("--system", help="A system's name; repeat for more. (default: all)")]
Tasks = Annotated[list[str], typer.Option("--task", help="A task's name; repeat for more. (default: insuranceqa)")]
Seeds = Annotated[list[int], typer.Option("--seed", help="A seed; repeat for more. (default: 0 1 2 3 4)")]
Submissions = Annotated[
    list[Path],
    typer.Option("--submission", help="A submission's folder; repeat for more. Without --system, nothing else runs."),
]
