"""The report in sections of lines, each line one measure of one comparison with a number for each stratum."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.agreement.report import CrowdNumber, Place, Report, Row
from benchmark.agreement.resample import ALL
from benchmark.tasks.strata import STRATA

COLUMNS = (ALL, *STRATA)
KEY_MEASURES = (
    "auc", "auc-first-stage", "auc-above-first-stage", "kappa", "kappa-within", "alpha-interval-within",
    "pairwise-accuracy", "order-alpha", "position-slope", "position-slope-between", "position-slope-confounded",
    "preference-consistency", "preference-for-first",
)  # fmt: skip
"""What a terminal shows; the files hold everything."""


@dataclass(frozen=True)
class Line:
    """`cells`: a row for each column of `COLUMNS`, None where there is none."""

    first: str
    second: str
    questions: str
    measure: str
    cells: tuple[Row | None, ...]


@dataclass(frozen=True)
class Section:
    """Comparisons of one kind."""

    title: str
    lines: tuple[Line, ...]


def sections(report: Report) -> list[Section]:
    """The sections that have lines, in a fixed order."""
    clicks = "simulated clicks" if report.simulated_clicks else "clicks"
    titles = {
        "llm - human": "Judges and human grades",
        "llm - clicks": f"Judges and {clicks}",
        "llm - llm": "Judges with each other",
        "alone": "Each judge alone",
        "controls": f"Controls on all lists that any judge judged: {clicks} and the first stage's order",
    }
    found: dict[str, dict[tuple[str, str, str, str], dict[str, Row]]] = {name: {} for name in titles}
    kinds = {one.name: one.kind for one in report.labels}
    for row in report.rows:
        kind = f"{kinds[row.first]} - {kinds[row.second]}" if row.second else "alone"
        kind = kind if kind in titles else "controls"
        line = found[kind].setdefault((row.first, row.second, row.questions, row.measure), {})
        line[row.stratum] = row
    return [
        Section(
            titles[kind],
            tuple(Line(*key, tuple(cells.get(column) for column in COLUMNS)) for key, cells in lines.items()),
        )
        for kind, lines in found.items()
        if lines
    ]


def text_of(row: Row | CrowdNumber | Place | None) -> str:
    """`0.801 [0.788, 0.813] n=1200`: value, 95 % interval, number of queries."""
    if row is None:
        return ""
    if row.value is None:
        return f"– n={row.queries}"
    interval = "" if row.low is None or row.high is None else f" [{row.low:.3f}, {row.high:.3f}]"
    return f"{row.value:.3f}{interval} n={row.queries}"
