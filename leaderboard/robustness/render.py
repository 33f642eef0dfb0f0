"""The files that show a sweep: a page, a table for programs, a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from benchmark.statistics.seeds import FEWEST_SEEDS
from benchmark.tasks.registry import DEFAULT_TASK
from leaderboard import words
from leaderboard.page import page_environment
from leaderboard.plot import COLOURS
from leaderboard.robustness.pack import Sweep
from leaderboard.robustness.settings import Setting, sweep_settings
from leaderboard.robustness.verdicts import REFERENCE, Judged, SystemRow, judge

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
    judged = judge(sweep, settings, fixed)
    return {
        "robustness.html": _page(sweep, settings, judged, outdated),
        "robustness.json": _json(sweep, settings, judged, outdated),
        "robustness.csv": _csv(settings, judged),
    }


def _page(sweep: Sweep, settings: Sequence[Setting], judged: Judged, outdated: bool) -> str:
    return (
        page_environment()
        .get_template("robustness.html.j2")
        .render(
            protocol=sweep.protocol,
            outdated=outdated,
            users=[(user, list(group)) for user, group in groupby(settings, key=lambda setting: setting.user)],
            settings=settings,
            rows=judged.rows,
            seeds={setting.task: seeds for setting, seeds in zip(settings, judged.seeds, strict=True)},
            common=judged.common,
            fewest=judged.fewest,
            most=judged.most,
            enough=FEWEST_SEEDS,
            queries=len(sweep.stratum),
            reference=REFERENCE,
            summary=_summary(judged.rows),
            words=words,
            colours=COLOURS,
        )
    )


def _summary(rows: Sequence[SystemRow]) -> list[str]:
    """What the table says, in sentences that hold whatever the numbers are; a system counts where it was tested.

    p is adjusted over a system's settings, too (see `SystemRow.overall`): a sentence with "somewhere" in it is about
    the smallest of many.
    """
    compared = [(row.system, row.overall()) for row in rows if row.family == "clicks" and row.system != REFERENCE]
    tested = [(name, kinds) for name, kinds in compared if kinds.total()]
    told = []
    for title, chosen in (
        (f"Better than {REFERENCE} somewhere and worse nowhere",
         [(name, kinds) for name, kinds in tested if kinds["better"] and not kinds["worse"]]),
        (f"Better under some users and worse under others than {REFERENCE}",
         [(name, kinds) for name, kinds in tested if kinds["better"] and kinds["worse"]]),
        (f"Worse than {REFERENCE} somewhere and better nowhere",
         [(name, kinds) for name, kinds in tested if kinds["worse"] and not kinds["better"]]),
        (f"Told apart from {REFERENCE} nowhere",
         [(name, kinds) for name, kinds in tested if not kinds["worse"] and not kinds["better"]]),
    ):  # fmt: skip
        names = [
            f"{name} ({kinds['better']} better, {kinds['worse']} worse of {kinds.total()})" for name, kinds in chosen
        ]
        told.append(f"{title}: {', '.join(names) or 'none'}.")
    if untested := [name for name, kinds in compared if not kinds.total()]:
        told.append(f"Not tested under any user: {', '.join(untested)}.")
    return told


def _json(sweep: Sweep, settings: Sequence[Setting], judged: Judged, outdated: bool) -> str:
    told = {
        "outdated": outdated,
        "protocol": sweep.protocol.model_dump(),
        "reference": REFERENCE,
        "settings": [
            {**asdict(setting), "seeds": seeds} for setting, seeds in zip(settings, judged.seeds, strict=True)
        ],
        "systems": [
            {
                "system": row.system,
                "family": row.family,
                "description": row.description,
                "verdicts": {
                    setting.task: None
                    if verdict is None
                    else _rounded(asdict(verdict))
                    | {"verdict": verdict.kind, "verdict_overall": verdict.kind_of(verdict.p_overall)}
                    for setting, verdict in zip(settings, row.verdicts, strict=True)
                },
            }
            for row in judged.rows
        ],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _rounded(values: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 6) + 0.0 for name, value in values.items()}


def _csv(settings: Sequence[Setting], judged: Judged) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["system", "family", "user", "noise", "task", "mean", "difference", "low", "high", "p", "verdict",
                     "p_overall", "verdict_overall"])  # fmt: skip
    for row in judged.rows:
        for setting, verdict in zip(settings, row.verdicts, strict=True):
            if verdict is None:
                continue
            numbers = [verdict.mean, verdict.difference, verdict.low, verdict.high]
            writer.writerow(
                [row.system, row.family, setting.user, setting.noise, setting.task]
                + [f"{number:.6f}" for number in numbers]
                + ["" if verdict.p is None else f"{verdict.p:.6f}", verdict.kind]
                + ["" if verdict.p_overall is None else f"{verdict.p_overall:.6f}", verdict.kind_of(verdict.p_overall)]
            )
    return stream.getvalue()
