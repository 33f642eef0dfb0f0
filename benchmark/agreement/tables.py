"""The report as CSV, as Markdown and for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.table import Table
from rich.text import Text

from benchmark.agreement import crowd_measures
from benchmark.agreement.report import CrowdReport, LabellingInfo, Report, is_unwilling
from benchmark.agreement.sections import COLUMNS, KEY_MEASURES, sections, text_of

_FIELDS = (
    "first", "second", "relation", "questions", "stratum", "measure", "value", "low", "high", "queries"
)  # fmt: skip


def render_csv(report: Report) -> str:
    """Every number with its interval and its number of queries, one a line; the crowd's under the relation `crowd`."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in report.rows:
        writer.writerow(row.model_dump())
    for found in report.crowd.rows if report.crowd else []:
        writer.writerow({"relation": "crowd", "questions": "crowd", "stratum": "all", **found.model_dump()})
    return stream.getvalue()


def render_markdown(report: Report) -> str:
    """The whole report as tables."""
    parts = [f"# Agreement of labels: {report.task} {report.task_version}", _list(report.notes)]
    parts.append("Each cell: value, 95 % interval, number of queries (n).")
    for section in sections(report):
        head = ("first", "second", "questions", "measure", *COLUMNS)
        lines = [
            (line.first, line.second, line.questions, line.measure, *map(text_of, line.cells)) for line in section.lines
        ]
        parts += [f"## {section.title}", _grid(head, lines)]
    if report.crowd is not None:
        parts += [f"## {crowd_title(report.crowd)}", _crowd(report.crowd)]
    parts += ["## What is measured", _list(f"**{name}**: {told}" for name, told in report.measures.items())]
    asked = [
        (one.name, one.model, one.prompt, one.questions["train"], one.questions["held-out"], _ended(one))
        for one in report.labels
        if one.kind == "llm"
    ]
    columns = ("judgments", "model", "prompt", "train questions", "held-out questions", "how the asking ended")
    return "\n\n".join([*parts, "## The judges", _grid(columns, asked)]) + "\n"


def crowd_title(crowd: CrowdReport) -> str:
    """Which crowd, and how large."""
    return f"Citations of human and LLM writers: {crowd.queries} queries x {crowd.passages} passages ({crowd.file})"


def render_rich(report: Report) -> list[Table]:
    """The key measures, and judges that left something unanswered or would rather have said something else."""
    tables = []
    for section in sections(report):
        lines = [line for line in section.lines if line.measure in KEY_MEASURES]
        if not lines:
            continue
        for (first, second, questions), about in groupby(lines, lambda line: (line.first, line.second, line.questions)):
            labels = f"{first} and {second}" if second else first
            title = Text(f"{section.title}\n{labels}, {questions} questions")  # the name of a file may hold brackets
            table = Table("measure", "queries", "value", "95 % interval", "n", title=title, title_justify="left")
            for line in about:
                table.add_section()
                for cell in filter(None, line.cells):
                    interval = "" if cell.low is None else f"[{cell.low:.3f}, {cell.high:.3f}]"
                    value = "–" if cell.value is None else f"{cell.value:.3f}"
                    table.add_row(line.measure, cell.stratum, value, Text(interval), str(cell.queries))
            tables.append(table)
    judges = [one for one in report.labels if one.kind == "llm"]
    unfinished = [one for one in judges if set(one.statuses or {}) != {"ok"} or is_unwilling(one.mass)]
    if unfinished:
        table = Table("judgments", "status and count", title="How the asking ended", title_justify="left")
        for one in unfinished:
            table.add_row(*map(Text, (one.name, _ended(one))))
        tables.append(table)
    if report.crowd is not None:
        table = Table(
            "first", "second", "measure", "value", title=Text(crowd_title(report.crowd)), title_justify="left"
        )
        groups = {"human", "llm", "human and llm"}
        for row in report.crowd.rows:
            if row.second in groups:
                table.add_row(*map(Text, (row.first, row.second, row.measure, text_of(row))))
        tables.append(table)
    return tables


def _crowd(crowd: CrowdReport) -> str:
    rows = [(row.first, row.second, row.measure, text_of(row)) for row in crowd.rows]
    told = _list(f"**{name}**: {words}" for name, words in crowd_measures.DESCRIPTIONS.items())
    return _grid(("first", "second", "measure", "value"), rows) + "\n\n" + told


def _ended(labels: LabellingInfo) -> str:
    ended = ", ".join(f"{status} {count}" for status, count in (labels.statuses or {}).items())
    rather = f"; {labels.mass:.0%} of its probability on the answers asked for" if is_unwilling(labels.mass) else ""
    return ended + rather


def _list(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _grid(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; `|` in a name is escaped, which tabulate does not do."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
