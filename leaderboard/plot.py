"""The plot of the headline by stratum, with intervals, as a Vega-Lite specification that altair writes."""

from __future__ import annotations

from typing import Any

import altair as alt

from benchmark.families import FAMILIES
from benchmark.scoring import HEADLINE
from benchmark.tasks.strata import STRATA
from leaderboard import words
from leaderboard.model import Standings

# Each stands out from white and from the dark page alike (contrast of 3 or more), and has a shape of its own beside it.
COLOURS = {
    "floor": "#7d8590", "clicks": "#2f7fc1", "llm": "#c96f1a", "fusion": "#2a9469", "skyline": "#9a67c9",
    "probe": "#b0567c",
}  # fmt: skip
SHAPES = {
    "floor": "cross", "clicks": "circle", "llm": "square", "fusion": "diamond", "skyline": "triangle-up",
    "probe": "triangle-down",
}  # fmt: skip


def plot_specification(standings: Standings, task: str) -> dict[str, Any]:
    """Systems [y] x nDCG@10 [x], a panel for each stratum: points are means, lines 95 % intervals."""
    rows = standings.rows_of(task)
    data = [
        {"system": row.system, "family": words.FAMILY_NAMES[row.family], "complete": row.complete,
         "stratum": words.GROUP_NAMES[stratum], **row.scores[HEADLINE][stratum].model_dump()}
        for row in rows
        for stratum in STRATA
        if stratum in row.scores[HEADLINE]
    ]  # fmt: skip
    families = [family for family in FAMILIES if any(row.family == family for row in rows)]
    names = [words.FAMILY_NAMES[family] for family in families]
    scale = alt.Scale(domain=names, range=[COLOURS[name] for name in families])
    # Named, since altair would number its parameters on, and the second page of a process would differ from the first.
    family = alt.selection_point("family", fields=["family"], bind="legend")
    told = "isValid(datum.low) ? format(datum.low, '.3f') + ' to ' + format(datum.high, '.3f') : '–'"
    base = alt.Chart().transform_calculate(interval=told).encode(
        y=alt.Y("system:N", sort=[row.system for row in rows], title=None),
        color=alt.Color("family:N", title="Family", scale=scale),
        opacity=alt.when(family).then(alt.value(1)).otherwise(alt.value(0.12)),
        tooltip=[
            alt.Tooltip("system:N", title="System"),
            alt.Tooltip("family:N", title="Family"),
            alt.Tooltip("stratum:N", title="Stratum"),
            alt.Tooltip("mean:Q", title="Mean", format=".3f"),
            alt.Tooltip("interval:N", title="95 %"),
            alt.Tooltip("complete:N", title="All seeds"),
        ],
    )  # fmt: skip
    lines = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2, strokeCap="round")
        .encode(
            x=alt.X(
                "low:Q",
                title=HEADLINE,
                scale=alt.Scale(zero=False, padding=8),
                axis=alt.Axis(tickCount=5, format=".1f"),
            ),
            x2="high:Q",
        )
    )
    points = base.mark_point(filled=True, size=45, strokeWidth=1.5).encode(
        x="mean:Q",
        stroke=alt.Stroke("family:N", title="Family", scale=scale),
        shape=alt.Shape("family:N", title="Family", scale=alt.Scale(domain=names, range=[SHAPES[f] for f in families])),
        fillOpacity=alt.condition("datum.complete", alt.value(1), alt.value(0)),
    )
    chart = (
        alt.layer(lines, points)
        .add_params(family)
        .properties(width=230, height=alt.Step(20))
        .facet(
            facet=alt.Facet("stratum:N", sort=[words.GROUP_NAMES[name] for name in STRATA], title=None),
            columns=len(STRATA),
            data=alt.InlineData(values=data),
        )
    )
    specification: dict[str, Any] = chart.to_dict()
    del specification["$schema"]  # an address, which a page that asks for nothing from outside need not hold
    return specification
