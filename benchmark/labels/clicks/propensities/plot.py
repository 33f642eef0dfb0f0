"""The plot of examination by rank, as a Vega-Lite specification that altair writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from benchmark.labels.clicks.propensities.propensities import Floats, Propensities

# As on the leaderboard: each stands out from white and from the dark page alike.
COLOURS = ("#2f7fc1", "#c96f1a", "#2a9469", "#9a67c9", "#b0567c", "#7d8590", "#8a7a1e", "#3f93a0", "#b3603f", "#5f6fd0")
TRUTH = "#d1383d"
_HIGHEST = 1.2  # a bound above it says no more than that nothing is known


def plot_specification(estimates: Sequence[Propensities], truth: Floats | None = None) -> dict[str, Any]:
    """Examination [y] x rank [x]: a line and a 95 % band for each method and context, the truth as points."""
    curves = [curve for estimate in estimates for curve in _curves(estimate)]
    names, wholes = [name for name, _ in curves], {estimate.method for estimate in estimates}
    data = [
        {"method": name, "part": name not in wholes, "rank": rank + 1,
         "examination": round(float(curve.examination[rank]), 4),
         "low": round(min(float(curve.low[rank]), _HIGHEST), 4),
         "high": round(min(float(curve.high[rank]), _HIGHEST), 4)}
        for name, curve in curves
        for rank in range(len(curve))
    ]  # fmt: skip
    # Named, so that the same estimates make the same file.
    chosen = alt.selection_point("chosen", fields=["method"], bind="legend")
    colour = alt.Color(
        "method:N",
        title=None,
        legend=alt.Legend(symbolOpacity=1),
        scale=alt.Scale(domain=names, range=[COLOURS[i % len(COLOURS)] for i in range(len(names))]),
    )
    rank = alt.X(
        "rank:Q", title="Rank", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False, padding=8)
    )
    base = alt.Chart(alt.InlineData(values=data)).encode(x=rank, color=colour)
    shown = alt.when(chosen)
    band = base.mark_area().encode(
        y=alt.Y("low:Q", title="Examination, relative to rank 1"),
        y2="high:Q",
        opacity=shown.then(alt.value(0.16)).otherwise(alt.value(0.0)),
    )
    tooltip = [
        alt.Tooltip("method:N", title="Method"),
        alt.Tooltip("rank:Q", title="Rank"),
        *(alt.Tooltip(f"{part}:Q", title=title, format=".3f")
          for part, title in (("examination", "Examination"), ("low", "95 % from"), ("high", "to"))),
    ]  # fmt: skip
    line = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=30, filled=True)).encode(
        y="examination:Q",
        strokeDash=alt.condition("datum.part", alt.value([5, 3]), alt.value([1, 0])),  # a context is dashed
        opacity=shown.then(alt.value(1.0)).otherwise(alt.value(0.08)),
        tooltip=tooltip,
    )
    layers = [band, line.add_params(chosen)]
    if truth is not None:
        points = [{"rank": i + 1, "examination": float(value), "what": "truth"} for i, value in enumerate(truth)]
        layers.append(
            alt.Chart(alt.InlineData(values=points))
            .mark_point(shape="diamond", size=90, strokeWidth=1.5, filled=False)
            .encode(
                x=rank,
                y="examination:Q",
                stroke=alt.Stroke("what:N", title=None, scale=alt.Scale(domain=["truth"], range=[TRUTH])),
                tooltip=[
                    alt.Tooltip("rank:Q", title="Rank"),
                    alt.Tooltip("examination:Q", title="Truth", format=".3f"),
                ],
            )
        )
    specification: dict[str, Any] = alt.layer(*layers).properties(width="container", height=380).to_dict()
    del specification["$schema"]  # an address, which a page that asks for nothing from outside need not hold
    return specification


def _curves(estimate: Propensities) -> Iterator[tuple[str, Propensities]]:
    yield estimate.method, estimate
    for name, curve in estimate.contexts.items():
        yield f"{estimate.method}: {name}", curve
