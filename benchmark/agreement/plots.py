"""The plots of the page, as Vega-Lite specifications that altair writes."""

from __future__ import annotations

from typing import Any

import altair as alt

from benchmark.agreement import references
from benchmark.agreement.report import CrowdReport, Report
from benchmark.tasks.strata import STRATA

TICK = "; a tick where the first stage's order lies on the same documents"
PALETTE = ("#2f7fc1", "#c96f1a", "#2a9469", "#b0567c", "#7d8590", "#9a67c9")


def plots(report: Report) -> dict[str, dict[str, Any]]:
    """The specification of each plot that has something to show, by its title."""
    clicks = "simulated clicks" if report.simulated_clicks else "clicks"
    found = {
        f"AUC within a query for human relevance, by frequency{TICK}": _by_stratum(
            report, "auc", references.HUMAN, 0.5
        ),
        "Cohen's kappa with human grades, by frequency": _by_stratum(report, "kappa", references.HUMAN, 0.0),
        f"AUC within a query for {clicks}, by frequency{TICK}": _by_stratum(report, "auc", clicks, 0.5),
        "Reliability of probabilities, against human grades": _reliability(report),
        "Mean value by place in the prompt": _places(report),
    }
    if report.crowd is not None:
        found["Citations: kappa of pairs of writers, plain and beyond rank"] = _crowd(report.crowd)
    return {title: specification for title, specification in found.items() if specification is not None}


def _specification(chart: Any) -> dict[str, Any]:
    specification: dict[str, Any] = chart.to_dict()
    del specification["$schema"]  # an address, which a page that asks for nothing from outside need not hold
    return specification


def _tooltip(*names: str) -> list[Any]:
    numbers = [
        alt.Tooltip("value:Q", title="Value", format=".3f"),
        alt.Tooltip("low:Q", title="95 % from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
        alt.Tooltip("queries:Q", title="Queries"),
    ]
    return [*(alt.Tooltip(f"{name}:N", title=name.capitalize()) for name in names), *numbers]


def _colour(field: str, title: str | None) -> Any:
    return alt.Color(f"{field}:N", title=title, scale=alt.Scale(range=list(PALETTE)), sort=None)


def _by_stratum(report: Report, measure: str, reference: str, even: float) -> dict[str, Any] | None:
    """Labellings [y] x value [x], a panel for each stratum; a dashed line where chance lies.

    The first stage has no line of its own but a tick on each judge's: there it is on the documents of that judge.
    """
    rows = [
        row
        for row in report.find(measure, second=reference)
        if row.stratum in STRATA and row.value is not None and row.first != references.FIRST_STAGE
    ]
    if not rows:
        return None
    controls = {
        (row.first, row.questions, row.stratum): row.value
        for row in report.find(f"{measure}-first-stage", second=reference)
    }
    data = [
        {
            **row.model_dump(),
            "chance": even,
            "control": controls.get((row.first, row.questions, row.stratum)),
            "labels": row.first,
        }
        for row in rows
    ]
    base = alt.Chart().encode(
        y=alt.Y("labels:N", sort=list(dict.fromkeys(row.first for row in rows)), title=None),
        yOffset=alt.YOffset("questions:N"),
        color=_colour("questions", "Questions"),
        tooltip=_tooltip("labels", "questions"),
    )
    axis = alt.X("low:Q", title=measure, scale=alt.Scale(zero=False, padding=8), axis=alt.Axis(tickCount=5))
    lines = base.mark_rule(strokeWidth=2, strokeCap="round").encode(x=axis, x2="high:Q")
    points = base.mark_point(filled=True, size=50).encode(x="value:Q")
    chance = alt.Chart().mark_rule(strokeDash=[4, 4], color="#7d8590").encode(x="chance:Q")
    there = alt.Tooltip("control:Q", title="First stage", format=".3f")
    control = base.mark_tick(thickness=2, size=14).encode(x="control:Q", tooltip=[there])
    return _specification(
        alt.layer(chance, lines, points, *([control] if controls else []))
        .properties(width=230, height=alt.Step(22))
        .facet(facet=alt.Facet("stratum:N", sort=list(STRATA), title=None), columns=3, data=alt.InlineData(values=data))
    )


def _reliability(report: Report) -> dict[str, Any] | None:
    """Share relevant [y] by mean probability [x]; a calibrated judge lies on the dashed line."""
    bins = [one for one in report.bins if one.value is not None]
    if not bins:
        return None
    data = [{**one.model_dump(), "labels": f"{one.name}, {one.questions}"} for one in bins]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        x=alt.X("probability:Q", title="Mean probability", scale=alt.Scale(domain=[0, 1])),
        color=_colour("labels", None),
        tooltip=[*_tooltip("labels"), alt.Tooltip("documents:Q", title="Documents")],
    )
    limits = alt.Scale(domain=[0, 1])
    lines = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title="Share relevant", scale=limits), y2="high:Q")
    points = base.mark_line(point=alt.OverlayMarkDef(size=45)).encode(y=alt.Y("value:Q", scale=limits))
    even = alt.InlineData(values=[{"at": 0}, {"at": 1}])
    diagonal = alt.Chart(even).mark_line(strokeDash=[4, 4], color="#7d8590").encode(x="at:Q", y="at:Q")
    return _specification(alt.layer(diagonal, lines, points).properties(width=330, height=330))


def _places(report: Report) -> dict[str, Any] | None:
    """Mean value [y] by place [x], a panel for each judge."""
    if not report.places:
        return None
    data = [{**one.model_dump(), "labels": f"{one.name}, {one.questions}"} for one in report.places]
    base = alt.Chart().encode(
        x=alt.X("position:Q", title="Place in the prompt", axis=alt.Axis(tickMinStep=1)), tooltip=_tooltip("labels")
    )
    value = alt.Y("value:Q", title="Mean value", scale=alt.Scale(zero=False))
    band = base.mark_area(opacity=0.25, color=PALETTE[0]).encode(
        y=alt.Y("low:Q", title="Mean value", scale=alt.Scale(zero=False)), y2="high:Q"
    )
    line = base.mark_line(point=True, color=PALETTE[0]).encode(y=value)
    return _specification(
        alt.layer(band, line)
        .properties(width=300, height=180)
        .facet(facet=alt.Facet("labels:N", title=None), columns=2, data=alt.InlineData(values=data))
        .resolve_scale(y="independent")
    )


def _crowd(crowd: CrowdReport) -> dict[str, Any]:
    """Kappa [x] of human pairs, LLM pairs and mixed pairs [y]: plain, and with chance taken at each rank."""
    kinds = ("human", "llm")
    data = [
        {**row.model_dump(), "writers": f"{row.first} – {row.second}"}
        for row in crowd.rows
        if row.measure in ("kappa", "kappa-within-rank") and row.first in kinds and row.second in kinds
    ]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y("writers:N", sort=None, title=None),
        yOffset=alt.YOffset("measure:N"),
        color=_colour("measure", None),
        tooltip=_tooltip("writers", "measure"),
    )
    lines = base.mark_rule(strokeWidth=2, strokeCap="round").encode(x=alt.X("low:Q", title="kappa"), x2="high:Q")
    points = base.mark_point(filled=True, size=50).encode(x="value:Q")
    return _specification(alt.layer(lines, points).properties(width=420, height=alt.Step(28)))
