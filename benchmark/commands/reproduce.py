"""`click-or-llm reproduce`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmark.commands.options import RESULTS, Results
from benchmark.commands.say import say
from benchmark.errors import ConfigurationError

NEARLY = 0.001


def reproduce(
    row: Annotated[str, typer.Argument(help="A row of the leaderboard: SYSTEM or TASK/SYSTEM.")],
    seed: Annotated[
        list[int], typer.Option("--seed", help="A seed; repeat for more. (default: all that have a record)")
    ] = [],  # noqa: B006
    results: Results = RESULTS,
) -> None:
    """Run a row again from nothing and compare: OK to 1e-9, OKish to 0.001 (another machine), else FAIL."""
    from benchmark.running.engine import run_cells
    from benchmark.running.plan import make_plan
    from benchmark.running.record import read_record
    from benchmark.tasks.registry import DEFAULT_TASK

    task, _, system = row.rpartition("/")
    task = task or DEFAULT_TASK
    stored = {int(path.stem): read_record(path) for path in sorted((results / task / system).glob("*.json"))}
    if not stored:
        raise ConfigurationError(
            f"row {row}: there is no record under {results / task / system}; see the leaderboard's rows"
        )
    wanted = seed or sorted(stored)
    if missing := sorted(set(wanted) - set(stored)):
        raise ConfigurationError(f"row {row}: seed {missing[0]} has no record; there are {', '.join(map(str, stored))}")
    first = stored[wanted[0]]
    submissions = (Path(first.submission),) if first.submission else ()
    console = Console()
    worst = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        plan = make_plan(
            Path(scratch), systems=[system], tasks=[task], seeds=wanted, share=first.share, submissions=submissions
        )
        for finished in run_cells(plan.todo[task], Path(scratch), workers=1):
            if finished.error:
                say(console, f"[FAIL] {row} seed {finished.cell.seed}: {finished.error}")
                worst = 1.0
                continue
            old, new = stored[finished.cell.seed], read_record(finished.cell.path(Path(scratch)))
            moved = max(
                abs(value - new.scores[name][group])
                for name, groups in old.scores.items()
                for group, value in groups.items()
            )
            verdict = "OK" if moved <= 1e-9 else "OKish" if moved <= NEARLY else "FAIL"
            same = "same run file" if _run_hash(old.files) == _run_hash(new.files) else "another run file"
            say(console, f"[{verdict}] {task}/{system} seed {old.seed}: largest difference {moved:.2g}, {same}")
            worst = max(worst, moved)
    if worst > NEARLY:
        raise typer.Exit(1)


def _run_hash(files: dict[str, str]) -> str:
    return next(sha for name, sha in files.items() if name.endswith(".run.gz"))
