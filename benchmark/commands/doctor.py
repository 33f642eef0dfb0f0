"""`click-or-llm doctor`."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, requires, version

import typer
from rich.console import Console
from rich.markup import escape


def doctor() -> None:
    """Say what is installed, what is missing, which tasks have their data, and what to do."""
    from packaging.requirements import Requirement

    from benchmark.errors import BenchmarkError
    from benchmark.tasks.registry import TASKS

    console = Console()
    console.print(f"Python {sys.version.split()[0]}, click-or-llm {_version('click-or-llm')}")
    broken = False
    told: set[tuple[str, str]] = set()
    for line in requires("click-or-llm") or []:
        wanted = Requirement(line)
        if (what := (wanted.name, str(wanted.specifier))) in told:
            continue  # another extra wants the same
        told.add(what)
        extra = next((name for name in ("annotate", "dev", "insuranceqa") if f'"{name}"' in str(wanted.marker)), "")
        found = _version(wanted.name)
        fits = found is not None and wanted.specifier.contains(found, prereleases=True)
        if fits:
            console.print(f"[green]ok[/]       {wanted.name} {found}", highlight=False)
            continue
        needed = extra in ("", "insuranceqa")
        broken |= needed
        has = f"has {found}" if found else "not installed"
        cure = f"python -m pip install '{wanted.name}{wanted.specifier}'"
        mark = "[red]missing[/] " if needed else "[yellow]optional[/]"
        purpose = f" (only for {extra})" if extra else ""
        console.print(f"{mark} {wanted.name}: {has}{purpose}; run: {cure}", highlight=False, soft_wrap=True)
    for entry in TASKS.values():
        if entry.variant_of:
            continue  # the same files
        variants = sum(other.variant_of == entry.name for other in TASKS.values())
        also = f"; {variants} more with other simulated clicks" if variants else ""
        try:
            found = f"task {entry.name}: {entry.check()}{also}"
            console.print(f"[green]ok[/]       {found}", highlight=False, soft_wrap=True)
        except BenchmarkError as error:
            broken = True
            console.print(f"[red]missing[/]  task {entry.name}: {escape(str(error))}", highlight=False, soft_wrap=True)
    if broken:
        raise typer.Exit(1)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
