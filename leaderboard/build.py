"""Make every generated file of the leaderboard from the stored records alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmark.errors import RecordError
from benchmark.files import write_atomically
from leaderboard.cards import TaskCard
from leaderboard.links import Links, links
from leaderboard.model import VERSION, Standings
from leaderboard.page import render_page
from leaderboard.policy import cell_problems
from leaderboard.read import collect
from leaderboard.render_json import render_json
from leaderboard.render_text import render_bibtex, render_csv, render_latex, render_markdown
from leaderboard.standings import make_standings

_RENDERERS = {
    "leaderboard.json": render_json,
    "LEADERBOARD.md": render_markdown,
    "leaderboard.csv": render_csv,
    "leaderboard.tex": render_latex,
    "leaderboard.bib": render_bibtex,
}
FILES = (*_RENDERERS, "index.html")


def build(results: Path, out: Path, tasks: Mapping[str, TaskCard], *, version: str = VERSION) -> Standings:
    """Write all of `FILES` into `out` from the records below `results`, and return what they show.

    Equal records give equal bytes. Everything is rendered before the first file is written, so that an error leaves the
    old files alone. Raises `RecordError` for a record that cannot be trusted or compared, `ConfigurationError` for a
    task without a card.
    """
    standings = read_standings(results, tasks, version=version)
    for name, text in _rendered(standings, links(out, results)).items():
        write_atomically(out / name, text)
    return standings


def _rendered(standings: Standings, to: Links) -> dict[str, str]:
    return {name: render(standings) for name, render in _RENDERERS.items()} | {"index.html": render_page(standings, to)}


def read_standings(results: Path, tasks: Mapping[str, TaskCard], *, version: str = VERSION) -> Standings:
    """The standings from the records below `results`, each held to the policies; writes nothing."""
    found = collect(results)
    for cell in (cell for task in found for entry in task.entries for cell in entry.cells):
        if problems := cell_problems(cell):
            raise RecordError(problems[0])
    return make_standings(found, tasks, version)


def stale_files(out: Path, standings: Standings, results: Path) -> list[Path]:
    """Generated files in `out` that are missing or are not what the standings of `results` render to."""
    return differing(out, _rendered(standings, links(out, results)))


def differing(out: Path, rendered: Mapping[str, str]) -> list[Path]:
    """Files in `out` that are missing or do not hold the text that is rendered for them."""
    return [
        out / name
        for name, text in rendered.items()
        if not (out / name).is_file() or (out / name).read_text(encoding="utf-8") != text
    ]
