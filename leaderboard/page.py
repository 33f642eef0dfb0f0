"""index.html: one page with everything in it, that asks for nothing from outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from pydantic import TypeAdapter

from benchmark.scoring import HEADLINE, MEASURES
from leaderboard import words
from leaderboard.links import Links
from leaderboard.model import Comparison, Standings, Task
from leaderboard.plot import COLOURS, plot_specification
from leaderboard.render_text import present_groups, render_bibtex

HERE = Path(__file__).parent
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@dataclass(frozen=True)
class Library:
    """A library whose code lies in vendor/ and is put into the page, with the notice that its licence asks for."""

    name: str
    version: str
    licence: str
    file: str
    notice: str
    sha256: str

    @property
    def code(self) -> Markup:
        """Its JavaScript, for a script element; without the reference to a source map that does not lie here."""
        code = (HERE / "vendor" / self.file).read_text(encoding="utf-8")
        # not escaped, because it is a file of this folder and nobody else's text
        return Markup(_SOURCE_MAP.sub("", code).replace("</script", "<\\/script"))  # noqa: S704

    @property
    def notice_text(self) -> str:
        """Its copyright notice and licence."""
        return (HERE / "vendor" / self.notice).read_text(encoding="utf-8").strip()


def libraries() -> list[Library]:
    """The vendored libraries, in the order in which a page loads them."""
    return TypeAdapter(list[Library]).validate_json((HERE / "vendor" / "libraries.json").read_bytes())


@dataclass(frozen=True)
class Verdict:
    """One cell of a significance matrix, read from the row: is the row's system better than the column's?"""

    p: float
    difference: float

    @property
    def kind(self) -> str:
        """`better`, `worse` or `even`, the last where the two cannot be told apart."""
        if self.p >= words.ALPHA:
            return "even"
        return "better" if self.difference > 0 else "worse"

    @property
    def text(self) -> str:
        """A p-value without its leading zero, to keep a wide table narrow."""
        return "<.001" if self.p < 0.001 else f"{self.p:.3f}".removeprefix("0")


def matrix(comparisons: list[Comparison], column: str) -> tuple[list[str], list[list[Verdict | None]]]:
    """The systems, best first, and a verdict for each pair of them in one column; None on the diagonal."""
    found: dict[tuple[str, str], Verdict] = {}
    for pair in comparisons:
        found[pair.first, pair.second] = Verdict(pair.p[column], pair.difference[column])
        found[pair.second, pair.first] = Verdict(pair.p[column], -pair.difference[column])
    names = list(dict.fromkeys(name for pair in comparisons for name in (pair.first, pair.second)))
    return names, [[found.get((row, column_name)) for column_name in names] for row in names]


def _task_context(standings: Standings, name: str, task: Task) -> dict[str, Any]:
    rows = standings.rows_of(name)
    columns = [group for group in words.GROUP_NAMES if task.comparisons and group in task.comparisons[0].p]
    return {
        "name": name,
        "task": task,
        "rows": rows,
        "groups": present_groups(rows),
        "families": [family for family in words.FAMILY_NAMES if any(row.family == family for row in rows)],
        "matrices": [(column, *matrix(task.comparisons, column)) for column in columns],
        "alike": words.alike_text(task, rows),
        "interaction": words.interaction_text(task.interaction) if task.interaction else None,
    }


def _page_data(standings: Standings) -> dict[str, Any]:
    """What the page's script needs: for each task the plot, and the scores for the choice of a measure."""
    return {
        name: {
            "plot": plot_specification(standings, name),
            "scores": {
                row.system: {
                    measure: {group: [score.mean, score.low, score.high] for group, score in groups.items()}
                    for measure, groups in row.scores.items()
                }
                for row in standings.rows_of(name)
            },
        }
        for name in standings.tasks
    }


def page_environment() -> jinja2.Environment:
    """Where pages come from: the templates, escaped, with an error for a name that nobody gave."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )


def render_page(standings: Standings, links: Links) -> str:
    """The whole page as HTML; `links` are from where it will lie."""
    environment = page_environment()
    # Keys in the order of the standings: sorted ones would put the high stratum before macro.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":")}
    return environment.get_template("index.html.j2").render(
        standings=standings,
        links=links,
        tasks=[_task_context(standings, name, task) for name, task in standings.tasks.items()],
        data=_page_data(standings),
        measures=MEASURES,
        headline=HEADLINE,
        words=words,
        colours=COLOURS,
        libraries=libraries(),
        bibtex=render_bibtex(standings),
    )
