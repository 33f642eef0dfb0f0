"""`click-or-llm run`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmark.commands.options import RESULTS, Results, Seeds, Submissions, Systems, Tasks
from benchmark.commands.say import say
from benchmark.errors import ConfigurationError, Interrupted

if TYPE_CHECKING:
    from benchmark.running.cell import Cell
    from benchmark.running.plan import Plan


def run(
    system: Systems = [],  # noqa: B006
    task: Tasks = [],  # noqa: B006
    seed: Seeds = [],  # noqa: B006
    submission: Submissions = [],  # noqa: B006
    track: Annotated[str, typer.Option(help="Which ranker is trained; only `features` so far.")] = "features",
    share: Annotated[float, typer.Option(help="Share of the task's questions; below 1 it is no leaderboard run.")] = 1,
    results: Results = RESULTS,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = min(2, os.cpu_count() or 1),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which records are missing or outdated.")] = False,
) -> None:
    """Run systems on tasks; what is done already with equal code, data and seed is not run again."""
    from benchmark.files import remove_partial
    from benchmark.running.plan import make_plan

    if 0 < share < 1 and results.resolve() == RESULTS.resolve():
        raise ConfigurationError(f"share {share:g}: {RESULTS} is for whole runs; name another folder: --results tried")
    console = Console(stderr=True)
    _check_seeds(seed, results, console)
    plan = make_plan(
        results, systems=system, tasks=task, seeds=seed, track=track, share=share, submissions=tuple(submission)
    )
    total = len(plan.lacks)
    console.print(f"{plan.done} cells done before, {total} to run", highlight=False)
    if dry_run:
        for line in _lacks(plan):
            say(console, line)
        return
    if results.exists():
        remove_partial(results)
    if total == 0:
        return
    try:
        failed = _run(plan.todo, total, results, workers, console)
    except KeyboardInterrupt:
        raise Interrupted("finished cells are kept; the same command goes on") from None
    if failed:
        told = f"{failed} of {total} cells failed; their old records, if any, are as they were"
        console.print(told, highlight=False)
        raise typer.Exit(1)


def _check_seeds(seeds: list[int], results: Path, console: Console) -> None:
    """A record of another seed closes a folder to the leaderboard: an error for its own folder, else a warning."""
    from benchmark.running.cell import SEEDS

    other = next((seed for seed in seeds if seed > SEEDS[-1]), None)
    if other is None:
        return
    told = f"seed {other}: the leaderboard takes seeds {SEEDS[0]} to {SEEDS[-1]} only"
    if results.resolve() == RESULTS.resolve():
        raise ConfigurationError(f"{told}; name another folder: --results tried")
    say(console, f"{told}, and so not the folder {results}")


def _lacks(plan: Plan) -> list[str]:
    """A line for each row and reason to run it, with the seeds that have this reason."""
    seeds: dict[tuple[str, str, str], list[int]] = {}
    for cell, lack in plan.lacks.items():
        seeds.setdefault((cell.task, cell.system, lack), []).append(cell.seed)
    rows = sorted((task, system, told, lack) for (task, system, lack), told in seeds.items())
    return [f"{task} {system} seed {' '.join(map(str, told))}: {lack}" for task, system, told, lack in rows]


def _run(todo: dict[str, list[Cell]], total: int, results: Path, workers: int, console: Console) -> int:
    """Run the cells under a progress bar; returns how many failed."""
    from benchmark.running.engine import run_cells

    failed = 0
    columns = (
        TextColumn("{task.description:<44}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        bar = progress.add_task("loading the task", total=total)
        for name, cells in todo.items():
            finished = run_cells(
                cells,
                results,
                workers=workers,
                on_start=lambda cell: progress.update(bar, description=f"{cell.task} {cell.system} seed {cell.seed}"),
            )
            for cell in finished:
                progress.advance(bar)
                told = f"{name} {cell.cell.system} seed {cell.cell.seed}"
                if cell.error:
                    failed += 1
                    told = f"[red]failed[/] {escape(cell.error)}"  # which may hold brackets
                    progress.console.print(told, highlight=False, soft_wrap=True)
                else:
                    notes = "".join(f"; {note}" for note in cell.notes)
                    scored = f"{told}: macro nDCG@10 {cell.macro:.4f}, {cell.seconds:.1f} s{notes}"
                    progress.console.print(scored, highlight=False, markup=False, soft_wrap=True)
    return failed
