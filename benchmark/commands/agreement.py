"""`click-or-llm agreement`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from benchmark.errors import ConfigurationError

if TYPE_CHECKING:
    from benchmark.agreement.report import Report


def agreement(
    judgments: Annotated[
        list[str] | None,
        typer.Argument(help="Judgment files (.parquet) or names of shipped ones. (default: all shipped)"),
    ] = None,
    task: Annotated[str, typer.Option(help="A task's name.")] = "insuranceqa",
    out: Annotated[Path, typer.Option(help="Folder for agreement.json, .csv, .md and .html.")] = Path("agreement"),
    crowd: Annotated[
        Path | None,
        typer.Option(help="Path of the wheel of ir_axioms 1.2.5, which is only read: adds its human and LLM writers."),
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="Resamples of the queries for an interval.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resamples.")] = 0,
) -> None:
    """Hold LLM judgments against human grades, clicks and each other, by query frequency; write a report."""
    from benchmark.agreement.build import build
    from benchmark.agreement.crowd import read_crowd
    from benchmark.agreement.page import render_page
    from benchmark.agreement.tables import render_csv, render_markdown, render_rich
    from benchmark.files import check_writable, write_atomically
    from benchmark.labels.llm.judgments.named import judgments_named
    from benchmark.tasks.registry import task_entry

    entry = task_entry(task)
    writers = None if crowd is None else (crowd.name, read_crowd(crowd))
    loaded, grades = entry.load()
    chosen = judgments_named(judgments or [], entry.all_judgments())
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"out {out}: cannot be a folder ({error.strerror}); name another") from error
    files: dict[str, Callable[[Report], str]] = {
        "agreement.json": lambda report: report.text(),
        "agreement.csv": render_csv,
        "agreement.md": render_markdown,
        "agreement.html": render_page,
    }
    for name in files:
        check_writable(out / name)
    report = build(loaded, grades, chosen, crowd=writers, draws=draws, seed=seed)
    for name, render in files.items():
        write_atomically(out / name, render(report))
    console = Console()
    for table in render_rich(report):
        console.print(table)
    Console(stderr=True).print(f"report written to {out / 'agreement.html'}", highlight=False, markup=False)
