"""`click-or-llm robustness`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmark.commands.options import OUT, RESULTS, Results

SEEDS = [0, 1, 2, 3]
BESIDE = ("minilm-cosine", "llm-pointwise")
"""Rows that use no clicks, taken from the leaderboard's own records."""


def robustness(
    system: Annotated[
        list[str],
        typer.Option(
            "--system",
            help="A system's name; repeat for more. (default: all of family clicks; clicks-naive-listwise always)",
        ),
    ] = [],  # noqa: B006 - typer reads the default
    seed: Annotated[list[int], typer.Option("--seed", help="A seed; repeat for more. (default: 0 1 2 3)")] = SEEDS,
    sweep: Annotated[Path, typer.Option(help="Where the sweep's records are kept.")] = Path("leaderboard/sweep"),
    results: Results = RESULTS,
    out: Annotated[Path, typer.Option(help="Where the page is written.")] = OUT,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Run the systems that learn from clicks alone under every simulated user and noise; write the robustness page."""
    from benchmark.commands.run import run
    from benchmark.files import write_atomically
    from benchmark.running.registry import load_systems
    from benchmark.tasks.registry import DEFAULT_TASK
    from leaderboard.robustness import is_outdated, pack, render_all, sweep_settings
    from leaderboard.robustness.pack import NAME
    from leaderboard.robustness.verdicts import REFERENCE

    clicks = sorted(name for name, cls in load_systems().items() if cls.family == "clicks")
    chosen = [*dict.fromkeys([*(system or clicks), REFERENCE])]  # what the others are compared with is always there
    tasks = [setting.task for setting in sweep_settings()]
    run(system=chosen, task=tasks, seed=seed, submission=[], track="features", share=1, results=sweep, workers=workers)
    beside = [results / DEFAULT_TASK / name for name in BESIDE]
    packed = pack(sweep, out / NAME, beside=beside)
    for name, text in render_all(packed, outdated=is_outdated(packed, results)).items():
        write_atomically(out / name, text)
    Console(stderr=True).print(f"robustness page written to {out / 'robustness.html'}", highlight=False, markup=False)
