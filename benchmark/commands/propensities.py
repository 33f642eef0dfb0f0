"""`click-or-llm log propensities`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmark.commands.options import is_task
from benchmark.commands.say import say
from benchmark.errors import BenchmarkError, ConfigurationError, DataError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from benchmark.labels.clicks.pages import PageSource
    from benchmark.labels.clicks.propensities import Propensities, RankCounts
    from benchmark.tasks.task import Task

    Floats = npt.NDArray[np.float64]

SHARES = (0.5, 0.9)
METHODS = (
    "click-rate", "randomised", "all-pairs", "pivot-one", "adjacent-chain", "regression-em", "dual-learning",
)  # fmt: skip
"""The names of `propensities.methods`, which is too heavy to import for `--help`; a test holds them together."""


@dataclass(frozen=True)
class _Log:
    """A log by name: its pages, and what only a task can give: features of pairs, and the truth of its simulation."""

    name: str
    source: PageSource
    simulated: bool
    features: Floats | None = None
    truth: Floats | None = None


def propensities(
    log: Annotated[str, typer.Argument(metavar="STORE|TASK", help="Folder of a store, or a task's name.")],
    method: Annotated[
        list[str],
        typer.Option("--method", help=f"One of {', '.join(METHODS)}; repeat for more. (default: all but randomised)"),
    ] = [],  # noqa: B006 - typer reads the default
    known: Annotated[
        str | None, typer.Option(help="A declared vector to stand beside the estimates, such as 1,0.5,0.33.")
    ] = None,
    by_frequency: Annotated[
        bool,
        typer.Option(
            "--by-frequency",
            help="Also all-pairs for high, medium and low frequency (50, 40, 10 % of traffic), each shrunk to the "
            "overall curve: entirely where the log does not tell them apart.",
        ),
    ] = False,
    ranks: Annotated[int | None, typer.Option(help="Estimate this many ranks. (default: all of the page)")] = None,
    draws: Annotated[
        int | None, typer.Option(min=2, help="Resamples for intervals. (default: 200; 20 where each is a fit)")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0,
    plot: Annotated[Path | None, typer.Option(help="Write the plot with intervals to this HTML file.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the estimates to this file.")] = None,
) -> None:
    """Estimate how likely each rank is examined, by several methods, with 95 % intervals over queries."""
    from benchmark.files import check_writable, write_atomically
    from benchmark.labels.clicks.propensities import bootstrap, counts, methods
    from benchmark.labels.clicks.propensities.known import known as declared

    for file in (json_file, plot):
        if file is not None:
            check_writable(file)
    chosen = [methods.method(name) for name in dict.fromkeys(method)] or [
        entry for entry in methods.METHODS.values() if not entry.asked_only
    ]
    given = [] if known is None else [declared(_numbers(known))]
    console = Console(stderr=True)
    opened = _open(log)
    with console.status("counting the log"):
        table = counts.rank_counts(opened.source, ranks)
    estimates, failed = [*given], []
    queries = bootstrap.clicked_queries(table)
    if queries < bootstrap.FEWEST:
        draws = 1  # one resample has no deviation, so no method makes an interval of it
        say(
            console,
            f"{log}: intervals cannot be estimated: a bootstrap over queries needs {bootstrap.FEWEST} with a click, "
            f"and this log has {queries}; read the estimates as guesses, or give a log of more queries",
        )
    work = {entry.name: partial(entry.estimate, table, opened.features, draws or entry.draws, seed) for entry in chosen}
    if by_frequency:
        work["all-pairs-by-context"] = partial(_by_frequency, table, draws or bootstrap.DRAWS, seed)
    for name, estimate in work.items():
        try:
            with console.status(name):
                estimates.append(estimate())
        except DataError as error:
            failed.append((name, error))
    for name, problem in failed:
        say(console, f"{name}: {problem}")
    if not estimates:
        raise failed[-1][1]
    truth = None if opened.truth is None else opened.truth[: table.ranks]
    Console().print(_table(opened, estimates, truth))
    for line in _shrunk(estimates):
        say(Console(), line)
    if json_file is not None:
        write_atomically(json_file, _json(opened, estimates, truth, seed))
    if plot is not None:
        write_atomically(plot, _page(opened, estimates, truth))


def _open(name: str) -> _Log:
    from benchmark.labels.clicks.store.reader import LogStore
    from benchmark.tasks.registry import task_entry

    if is_task(name):
        task = task_entry(name).load()[0]
        return _Log(f"task {name}", task.log, task.log.simulated, _features(task), _truth(name))
    store = LogStore.open(Path(name))
    return _Log(name, store, store.simulated)


def _features(task: Task) -> Floats:
    """The scalars [P, 6] of each pair of the task's log, at mean 0 and deviation 1."""
    import numpy as np

    from benchmark.tasks.features import SCALARS

    order = np.argsort(task.questions.qids)
    rows = order[np.searchsorted(task.questions.qids, task.log.qids, sorter=order)]
    docnos = task.questions.docnos[rows].ravel()
    qids = np.repeat(task.log.qids, task.log.list_size)
    columns = [task.features.scalar(name, qids, docnos).astype(np.float64) for name in SCALARS]
    return np.column_stack([(column - column.mean()) / max(column.std(), 1e-9) for column in columns])


def _truth(task: str) -> Floats | None:
    """Examination of the task's simulated user, where clicks are independent and none is by accident."""
    import numpy as np

    from benchmark.labels.clicks.simulate import VARIANTS, RandomClicks
    from benchmark.labels.clicks.simulate.browsing import PositionBased

    simulation = VARIANTS.get(task.removeprefix("insuranceqa").removeprefix("-"))
    if simulation is None or simulation.user.random != RandomClicks():
        return None
    user = simulation.user.browsing
    return np.array(user.examination) if isinstance(user, PositionBased) else None


def _by_frequency(table: RankCounts, draws: int, seed: int) -> Propensities:
    """All-pairs by stratum of frequency, of the queries with a page in the log."""
    import numpy as np

    from benchmark.labels.clicks.propensities import all_pairs_by_context
    from benchmark.tasks.strata import STRATA, cut_by_traffic

    pages = table.by_query(table.by_pair(np.where(table.rank == 0, table.shown, 0.0))).astype(np.int64)
    order = np.argsort(-pages, kind="stable")
    context = np.full(int(table.query_number[-1]) + 1, "", dtype="<U6")
    context[table.query_number[order]] = np.array(STRATA)[cut_by_traffic(pages[order], SHARES)]
    found = all_pairs_by_context(table, context, draws=draws, seed=seed)
    return replace(found, contexts={name: found.contexts[name] for name in STRATA if name in found.contexts})


def _shrunk(estimates: list[Propensities]) -> list[str]:
    """A line about the contexts of which nothing is left but the overall curve."""
    import numpy as np

    from benchmark.labels.clicks.propensities.bootstrap import FLOOR

    lines = []
    for estimate in estimates:
        whole = np.maximum(estimate.examination, FLOOR)
        alike = [name for name, curve in estimate.contexts.items() if np.allclose(curve.examination, whole, atol=0)]
        if alike:
            told = f"{', '.join(alike)}: shrunk to the overall curve and intervals"
            lines.append(f"{estimate.method}: {told}, from which this log does not tell them apart")
    return lines


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ConfigurationError(f"--known {text}: must be numbers with commas between, such as 1,0.5,0.33") from None


def _table(log: _Log, estimates: list[Propensities], truth: Floats | None) -> Table:
    size = max(len(estimate) for estimate in estimates)
    clicks = "simulated clicks" if log.simulated else "clicks"
    table = Table("method", *map(str, range(1, size + 1)), title=f"Examination by rank, {log.name} ({clicks})")
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for estimate in estimates:
        for name, curve in [(estimate.method, estimate), *estimate.contexts.items()]:
            halves = [f"{half:.3f}" if half < float("inf") else "?" for half in (curve.high - curve.low) / 2]
            cells = [f"{middle:.3f}\n[dim]±{half}[/]" for middle, half in zip(curve.examination, halves, strict=True)]
            table.add_row(name if name == estimate.method else f"  {name}", *cells)
    if truth is not None:
        table.add_row("truth of the simulation", *(f"{value:.3f}" for value in truth))
    return table


def _json(log: _Log, estimates: list[Propensities], truth: Floats | None, seed: int) -> str:
    whole = {
        "log": log.name,
        "simulated": log.simulated,
        "seed": seed,
        "truth": None if truth is None else truth.tolist(),
        "estimates": [estimate.as_json() for estimate in estimates],
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def _page(log: _Log, estimates: list[Propensities], truth: Floats | None) -> str:
    from benchmark.labels.clicks.propensities.page import render_page
    from benchmark.labels.clicks.propensities.plot import plot_specification
    from leaderboard.page import libraries

    vega = [
        (f"{library.name} {library.version} ({library.licence})", library.code, library.notice_text)
        for library in libraries()
        if library.name.startswith("vega")
    ]
    if len(vega) != 3:
        raise BenchmarkError(
            "leaderboard/vendor/libraries.json: Vega, Vega-Lite and vega-embed must be there; restore it"
        )
    clicks = "Simulated clicks" if log.simulated else "Clicks"
    text = f"{clicks} of {log.name}. Lines are estimates, bands 95 % intervals by a bootstrap over queries."
    if any(value == float("inf") for estimate in estimates for value in estimate.high.tolist()):
        text += " A band over the whole height: no interval could be estimated."
    text += "".join(f" {line[0].upper()}{line[1:]}." for line in _shrunk(estimates))
    if truth is not None:
        text += " Diamonds are the truth of the simulation."
    return render_page("Examination by rank", text, plot_specification(estimates, truth), vega)
