"""`click-or-llm systems`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def systems(
    submission: Annotated[
        list[Path],
        typer.Option("--submission", help="A submission's folder, whose systems are listed, too; repeat for more."),
    ] = [],  # noqa: B006 - typer reads the default
) -> None:
    """List the systems that can be run."""
    from benchmark.running.admission import admit
    from benchmark.running.registry import load_systems

    for folder in submission:
        admit(folder)
    known = load_systems()
    table = Table("system", "family", "what it learns from")
    for name in sorted(known, key=lambda name: (known[name].family, name)):
        table.add_row(name, known[name].family, escape(known[name].describe()))
    Console().print(table)
