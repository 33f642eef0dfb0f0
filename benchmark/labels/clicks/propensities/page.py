"""A plot as one HTML file that asks for nothing from outside."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data: blob:">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #fbfbf9; --text: #1d2226; --muted: #5c6670; --line: #d9dcd8; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #14171a; --text: #e4e7e9; --muted: #9ba5ad; --line: #323940; }}
}}
body {{ margin: 0 auto; max-width: 64rem; padding: 1.5rem 1.25rem; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }}
h1 {{ font-size: 1.5rem; line-height: 1.2; margin: 0 0 .5rem; }}
p {{ max-width: 72ch; color: var(--muted); }}
#plot {{ width: 100%; }}
pre {{ overflow-x: auto; font-size: .8rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
<div id="plot"></div>
<details><summary>Libraries inside this page</summary>{notices}</details>
{scripts}
<script id="data" type="application/json">{data}</script>
<script>
"use strict";
const dark = matchMedia("(prefers-color-scheme: dark)");
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
function draw() {{
  const [text, line] = [css("--text"), css("--line")];
  vegaEmbed("#plot", JSON.parse(document.getElementById("data").textContent), {{
    ast: true, renderer: "svg", theme: dark.matches ? "dark" : undefined,
    actions: {{ export: true, source: false, compiled: false, editor: false }},
    config: {{
      background: "transparent", font: getComputedStyle(document.body).fontFamily, view: {{ stroke: line }},
      axis: {{ labelColor: text, titleColor: text, gridColor: line, domainColor: line, tickColor: line }},
      legend: {{ labelColor: text, titleColor: text, orient: "top", columns: 4, labelLimit: 300 }},
    }},
  }});
}}
draw();
dark.addEventListener("change", draw);
</script>
</body>
</html>
"""


def render_page(title: str, text: str, specification: dict[str, Any], libraries: Iterable[tuple[str, str, str]]) -> str:
    """The page; `libraries` are (name, code, licence notice) of Vega, Vega-Lite and vega-embed, in that order."""
    parts = list(libraries)
    return _PAGE.format(
        title=escape(title),
        text=escape(text),
        notices="".join(f"<h3>{escape(name)}</h3><pre>{escape(notice)}</pre>" for name, _, notice in parts),
        scripts="\n".join(f"<script>{code}</script>" for _, code, _ in parts),
        # In a script element only "</" could end it early.
        data=json.dumps(specification, separators=(",", ":")).replace("</", "<\\/"),
    )
