"""`click-or-llm log`: a click log of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmark.commands.options import is_task
from benchmark.commands.say import say
from benchmark.commands.termination import termination_interrupts
from benchmark.errors import ConfigurationError, Interrupted
from benchmark.labels.clicks.store.columns import MISSING, column_help

app = typer.Typer(help="Import, check and describe a click log of your own.", no_args_is_help=True)

LONG = 1 << 26
"""Bytes from which an import shows its progress."""

IMPORT_HELP = (
    "Import a log of your own: .parquet, .csv, .tsv or .jsonl (the last three also .gz), read in pieces.\n\n"
    "The layout is told by the columns; others than these are not read.\n\n\b\n"
    + column_help()
    + "\n\n\b\n"
    + "In CSV and TSV a list is one field, its values separated by spaces (an\n"
    + "unknown dwell is nan); no field holds a line break.\n"
    + "As qid, docno or impression these count as missing: the empty text,\n"
    + f"{', '.join(filter(None, MISSING))}.\n"
    + "Times without a zone are UTC. A click that is listed twice counts once.\n"
    + "A file that is given twice is an error, and so is an impression that stands\n"
    + "twice in a long file. What differing files both hold counts twice."
)


@app.command("import", help=IMPORT_HELP)
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The log, in order of time.")],
    out: Annotated[Path, typer.Option(help="Folder of the store to write.")],
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out and count impressions that are wrong, instead of stopping.")
    ] = False,
    simulated: Annotated[bool, typer.Option("--simulated", help="The clicks are simulated.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the store if there is one.")] = False,
) -> None:
    """See `IMPORT_HELP`."""
    from benchmark.labels.clicks.store.ingest import import_log

    console = Console(stderr=True)
    try:
        with termination_interrupts(), _progress(files, console) as progress:
            manifest = import_log(
                files, out, skip_bad=skip_bad, simulated=simulated, overwrite=overwrite, progress=progress
            )
    except KeyboardInterrupt:
        raise Interrupted("nothing was written; the same command begins again") from None
    for reason, count in manifest.skipped.items():
        console.print(f"left out: {count:,} {reason}", highlight=False, markup=False)
    kind = "impressions with simulated clicks" if simulated else "impressions"
    told = f"{out}: {manifest.impressions:,} {kind}, {manifest.queries:,} queries, {manifest.pairs:,} pairs"
    say(console, told)


@app.command()
def validate(store: Annotated[Path, typer.Argument(help="Folder of the store.")]) -> None:
    """Check every byte and every impression of a store; the first thing that is wrong is one line."""
    from benchmark.labels.clicks.store.validate import validate as check

    manifest = check(store).manifest
    told = f"ok: {store}: {manifest.impressions:,} impressions, {manifest.queries:,} queries, {manifest.pairs:,} pairs"
    say(Console(), told)


@app.command()
def describe(
    log: Annotated[str, typer.Argument(metavar="STORE|TASK", help="Folder of a store, or a task's name.")],
    shares: Annotated[
        str,
        typer.Option(help="Cumulative shares of the traffic at which strata are cut (insuranceqa: 0.925,0.975)."),
    ] = "0.5,0.9",
    json: Annotated[Path | None, typer.Option(help="Also write the numbers into this file.")] = None,
) -> None:
    """Say what a log is like: traffic by query, click rate by rank, strata; read block by block."""
    from benchmark.files import check_writable, write_atomically
    from benchmark.labels.clicks.store.describe import describe as describe_log
    from benchmark.labels.clicks.store.reader import LogStore
    from benchmark.labels.clicks.store.report import show
    from benchmark.tasks.registry import task_entry

    if json is not None:
        check_writable(json)
    try:
        cuts = [float(share) for share in shares.split(",")]
    except ValueError:
        raise ConfigurationError(f"shares {shares}: must be numbers such as 0.5,0.9") from None
    if is_task(log):
        told = describe_log(f"task {log}", task_entry(log).load()[0].log, cuts)
    else:
        told = describe_log(log, LogStore.open(Path(log)), cuts)
    show(told, Console())
    if json is not None:
        write_atomically(json, told.model_dump_json(indent=1) + "\n")


@contextmanager
def _progress(files: list[Path], console: Console) -> Iterator[Callable[[Path, float], None] | None]:
    """A progress bar over the bytes of long logs; None for others."""
    sizes = {path: path.stat().st_size for path in files if path.is_file()}
    if sum(sizes.values()) < LONG:
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console, refresh_per_second=2) as progress:
        bars = {path: progress.add_task(path.name, total=size) for path, size in sizes.items()}
        yield lambda path, done: progress.update(bars[path], completed=done * sizes[path])
