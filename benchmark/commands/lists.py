"""`click-or-llm tasks`, `click-or-llm systems` and `click-or-llm judgments`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments import Metadata


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


def systems(
    submission: Annotated[
        list[Path],
        typer.Option("--submission", help="A submission's folder, whose systems are listed, too; repeat for more."),
    ] = [],  # noqa: B006 - typer reads the default
) -> None:
    """List the systems that can be run."""
    from benchmark.running.registry import load_systems

    table = Table("system", "family", "what it learns from")
    known = load_systems(tuple(submission))
    for name in sorted(known, key=lambda name: (known[name].family, name)):
        table.add_row(name, known[name].family, escape(known[name].describe()))
    Console().print(table)


def judgments(task: Annotated[str, typer.Option(help="A task's name.")] = "insuranceqa") -> None:
    """List the LLM judgments that come with a task, and which systems may learn from them."""
    from benchmark.tasks.registry import task_entry

    table = Table("judgments", "lists", "ok", "dtype", "seen by", pad_edge=False, padding=(0, 1, 0, 0))  # 80 columns
    table.columns[0].no_wrap = True
    for name, shipped in sorted(task_entry(task).all_judgments().items()):
        made = shipped.metadata
        answered = made.statuses.get("ok", 0) / made.rows
        table.add_row(name, f"{made.lists:,}", f"{answered:.0%}", made.model.dtype or "", _seen_by(made))
    Console().print(table)


def _seen_by(made: Metadata) -> str:
    """The first of the families, from the one that may see least on, that may learn from them."""
    seen = {"systems": "llm", "fusions": "fusion", "skylines": "skyline"}
    return next((told for told, family in seen.items() if made.may_teach(family)), "none")
