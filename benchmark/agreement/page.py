"""agreement.html: one page with everything in it, that asks for nothing from outside."""

from __future__ import annotations

from pathlib import Path

import jinja2

from benchmark.agreement import crowd_measures
from benchmark.agreement.plots import plots
from benchmark.agreement.report import Report
from benchmark.agreement.sections import COLUMNS, sections
from benchmark.agreement.tables import crowd_title
from leaderboard.page import libraries, page_environment

TEMPLATE = "agreement.html.j2"


def render_page(report: Report) -> str:
    """The page; equal reports give equal bytes."""
    shared = page_environment()  # style sheet and escaping are the leaderboard's
    assert shared.loader is not None
    own = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = shared.overlay(loader=jinja2.ChoiceLoader([own, shared.loader]))
    return environment.get_template(TEMPLATE).render(
        report=report,
        sections=sections(report),
        columns=COLUMNS,
        crowd_title=crowd_title,
        crowd_descriptions=crowd_measures.DESCRIPTIONS,
        plots=plots(report),
        libraries=[library for library in libraries() if library.name.startswith("vega")],
    )
