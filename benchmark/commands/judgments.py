"""`click-or-llm judgments`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments import Metadata


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
