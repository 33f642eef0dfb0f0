"""The files that show a sweep: a page, a table for programs, a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from benchmark.tasks.registry import DEFAULT_TASK
from leaderboard import words
from leaderboard.page import page_environment
from leaderboard.plot import COLOURS
from leaderboard.robustness.pack import Sweep
from leaderboard.robustness.settings import Setting, sweep_settings
from leaderboard.robustness.verdicts import REFERENCE, SystemRow, judge

FILES = ("robustness.html", "robustness.json", "robustness.csv")


def render_all(
    sweep: Sweep,
    settings: Sequence[Setting] | None = None,
    fixed: str = DEFAULT_TASK,
    *,
    outdated: bool = False,
) -> dict[str, str]:
    """The text of each of `FILES`; equal sweeps give equal bytes.

    `settings` are the columns (all that there are), those of one user side by side; `fixed` is the task of systems
    that use no clicks; `outdated`: see `is_outdated`.
    """
    settings = sweep_settings() if settings is None else settings
    rows = judge(sweep, settings, fixed)
    return {
        "robustness.html": _page(sweep, settings, rows, outdated),
        "robustness.json": _json(sweep, settings, rows, outdated),
        "robustness.csv": _csv(settings, rows),
    }


def _page(sweep: Sweep, settings: Sequence[Setting], rows: list[SystemRow], outdated: bool) -> str:
    swept = {setting.task for setting in settings}
    return (
        page_environment()
        .get_template("robustness.html.j2")
        .render(
            protocol=sweep.protocol,
            outdated=outdated,
            users=[(user, list(group)) for user, group in groupby(settings, key=lambda setting: setting.user)],
            settings=settings,
            rows=rows,
            seeds=sorted({cell.seed for cell in sweep.cells if cell.task in swept}),
            queries=len(sweep.stratum),
            reference=REFERENCE,
            summary=_summary(rows),
            words=words,
            colours=COLOURS,
        )
    )


def _summary(rows: list[SystemRow]) -> list[str]:
    """What the table says, in sentences that hold whatever the numbers are; a system counts where it was run."""
    compared = [row for row in rows if row.family == "clicks" and row.system != REFERENCE]
    told = []
    for title, chosen in (
        (f"Better than {REFERENCE} somewhere and worse nowhere",
         [r for r in compared if r.count("better") and not r.count("worse")]),
        (f"Better under some users and worse under others than {REFERENCE}",
         [r for r in compared if r.count("better") and r.count("worse")]),
        (f"Worse than {REFERENCE} somewhere and better nowhere",
         [r for r in compared if r.count("worse") and not r.count("better")]),
        (f"Never told apart from {REFERENCE}",
         [r for r in compared if not r.count("worse") and not r.count("better")]),
    ):  # fmt: skip
        names = [
            f"{row.system} ({row.count('better')} better, {row.count('worse')} worse of {row.settings})"
            for row in chosen
        ]
        told.append(f"{title}: {', '.join(names) or 'none'}.")
    return told


def _json(sweep: Sweep, settings: Sequence[Setting], rows: list[SystemRow], outdated: bool) -> str:
    told = {
        "outdated": outdated,
        "protocol": sweep.protocol.model_dump(),
        "reference": REFERENCE,
        "settings": [asdict(setting) for setting in settings],
        "systems": [
            {
                "system": row.system,
                "family": row.family,
                "description": row.description,
                "verdicts": {
                    setting.task: None if verdict is None else {**_rounded(asdict(verdict)), "verdict": verdict.kind}
                    for setting, verdict in zip(settings, row.verdicts, strict=True)
                },
            }
            for row in rows
        ],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _rounded(values: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 6) + 0.0 for name, value in values.items()}


def _csv(settings: Sequence[Setting], rows: list[SystemRow]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["system", "family", "user", "noise", "task", "mean", "difference", "low", "high", "p", "verdict"])
    for row in rows:
        for setting, verdict in zip(settings, row.verdicts, strict=True):
            if verdict is None:
                continue
            numbers = [verdict.mean, verdict.difference, verdict.low, verdict.high]
            writer.writerow(
                [row.system, row.family, setting.user, setting.noise, setting.task]
                + [f"{number:.6f}" for number in numbers]
                + ["" if verdict.p is None else f"{verdict.p:.6f}", verdict.kind]
            )
    return stream.getvalue()
