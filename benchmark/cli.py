"""The command line: `click-or-llm --help`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from benchmark.commands import (
    agreement,
    annotate,
    check,
    doctor,
    judgments,
    leaderboard,
    log,
    propensities,
    rejudge,
    replies,
    reproduce,
    robustness,
    run,
    systems,
    tasks,
)
from benchmark.errors import BenchmarkError, Interrupted

INTERRUPTED = 130
"""Exit code after Ctrl-C."""
app = typer.Typer(
    help="When should a ranker learn from clicks, when from LLM annotations, and how are the two best combined?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # not at each start

        print(f"click-or-llm {version('click-or-llm')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What stands before a command."""


for command in (
    doctor.doctor,
    tasks.tasks,
    systems.systems,
    judgments.judgments,
    run.run,
    leaderboard.leaderboard,
    reproduce.reproduce,
    check.check,
    annotate.annotate,
    replies.replies,
    rejudge.rejudge,
    robustness.robustness,
    agreement.agreement,
):
    app.command()(command)
log.app.command("propensities")(propensities.propensities)
app.add_typer(log.app, name="log")


def main() -> None:
    """Run the command; an error that a user can act on is one line and exit code 2."""
    try:
        app()
    except Interrupted as stop:
        print(f"interrupted: {stop}", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # typer's answer to Ctrl-C, where the command has none of its own
            print("interrupted", file=sys.stderr)
        raise
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}", file=sys.stderr)
        sys.exit(2)
