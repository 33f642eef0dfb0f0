"""`click-or-llm check`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmark.commands.say import say


def check(folder: Annotated[Path, typer.Argument(help="The submission's folder.")]) -> None:
    """Say what is wrong with a submission, one line each: leaks and results that differ from run to run included."""
    from benchmark.running.check import check_submission

    begun = time.perf_counter()
    problems = check_submission(folder)
    console = Console(stderr=bool(problems))
    for problem in problems:
        say(console, f"error: {problem}")
    if problems:
        raise typer.Exit(2)
    seconds = time.perf_counter() - begun
    told = f"{folder}: no problem found ({seconds:.1f} s); run it: click-or-llm run --submission {folder}"
    console.print(told, highlight=False, soft_wrap=True)
