"""`click-or-llm leaderboard`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from benchmark.commands.options import OUT, RESULTS, Results
from benchmark.commands.say import say
from benchmark.errors import ConfigurationError

if TYPE_CHECKING:
    from leaderboard import TaskCard


def task_cards() -> dict[str, TaskCard]:
    """What the leaderboard says of each task in words."""
    from benchmark.tasks.registry import TASKS
    from leaderboard import TaskCard

    return {
        entry.name: TaskCard(
            f"{entry.name}: {entry.description}", entry.simulated_log, entry.licence, list(entry.notes)
        )
        for entry in TASKS.values()
    }


def leaderboard(
    results: Results = RESULTS,
    out: Annotated[Path, typer.Option(help="Where pages and tables are written.")] = OUT,
    readme: Annotated[Path | None, typer.Option(help="README whose table is remade.")] = None,
    check: Annotated[bool, typer.Option(help="Write nothing; fail if a file is not what the records say.")] = False,
    before: Annotated[
        Path | None,
        typer.Option(help="With --check: fail, too, if scores moved by more than 0.001 from this folder's."),
    ] = None,
) -> None:
    """Render the stored records into the leaderboard: page, JSON, Markdown, CSV, LaTeX, BibTeX."""
    from benchmark.files import write_atomically
    from leaderboard import build, check_readme, moved, read_standings, stale_files, update_readme
    from leaderboard.build import differing
    from leaderboard.robustness import is_outdated, read_pack, render_all
    from leaderboard.robustness.pack import NAME

    if readme is not None and not readme.is_file():
        raise ConfigurationError(f"readme {readme}: there is no such file; name the README that holds the table")
    if results.resolve() != RESULTS.resolve() and out.resolve() == OUT.resolve():
        raise ConfigurationError(
            f"results {results}: {OUT} shows {RESULTS}; name another folder: --out {results}-pages"
        )
    if before is not None and not check:
        raise ConfigurationError(f"before {before}: is compared, not written; add --check")
    cards = task_cards()
    console = Console(stderr=True)
    sweep = read_pack(out / NAME) if (out / NAME).is_file() else None
    swept = {} if sweep is None else render_all(sweep, outdated=is_outdated(sweep, results))
    if check:
        standings = read_standings(results, cards)
        stale = [str(path) for path in stale_files(out, standings, results)]
        if readme is not None and not check_readme(readme, standings):
            stale.append(str(readme))
        stale += map(str, differing(out, swept))
        told = {"--results": (results, RESULTS), "--out": (out, OUT), "--readme": (readme, None)}
        given = [part for name, (value, default) in told.items() if value != default for part in (name, str(value))]
        remake = shlex.join(["click-or-llm", "leaderboard", *given])
        problems = [f"{path}: is not what the records say; run: {remake}" for path in stale]
        problems += moved(before, results) if before is not None else []
        for problem in problems:
            say(console, problem)
        if problems:
            raise typer.Exit(1)
        return
    standings = build(results, out, cards)
    for name, text in swept.items():
        write_atomically(out / name, text)
    if readme is not None:
        update_readme(readme, standings)
    console.print(f"leaderboard written to {out / 'index.html'}", highlight=False, markup=False)
