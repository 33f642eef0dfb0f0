"""`click-or-llm tasks`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


def tasks(
    build: Annotated[
        Path | None, typer.Option(help="Remake what the embedded task publishes into this folder (some minutes).")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also the same task under other simulated clicks.")] = False,
) -> None:
    """List the tasks; with --build, remake the published numbers of the embedded one."""
    if build is not None:
        from benchmark.tasks.insuranceqa.remake import remake

        remake(build, Console())
        return
    from benchmark.tasks.registry import TASKS

    table = Table("task", "what it is", "log")
    for entry in TASKS.values():
        if every or not entry.variant_of:
            table.add_row(entry.name, entry.description, "simulated" if entry.simulated_log else "real")
    Console().print(table)
    variants = [entry.name for entry in TASKS.values() if entry.variant_of]
    if variants and not every:
        Console().print(f"{len(variants)} more under other simulated clicks, such as {variants[-1]}: tasks --all")
