"""The table in the README: written between two markers, and checked for being up to date."""

from __future__ import annotations

from pathlib import Path

from benchmark.errors import ConfigurationError
from benchmark.files import write_atomically
from leaderboard import words
from leaderboard.model import Standings
from leaderboard.render_text import escape_markdown, markdown_table

START, END = "<!-- leaderboard:start -->", "<!-- leaderboard:end -->"


def render_readme(standings: Standings) -> str:
    """For each task its title, whether its clicks are simulated, and its table (probes left out)."""
    parts = []
    for name, task in standings.tasks.items():
        rows = [row for row in standings.rows_of(name) if row.family != "probe"]
        parts += [f"**{escape_markdown(task.title)}.** {words.log_text(task)}", markdown_table(rows, task)]
    return "\n\n".join(parts)


def update_readme(readme: Path, standings: Standings) -> bool:
    """Put the table between the markers; returns whether the file changed. Raises `ConfigurationError` without them."""
    text = readme.read_text(encoding="utf-8")
    updated = _replaced(readme, text, standings)
    if updated != text:
        write_atomically(readme, updated)
    return updated != text


def check_readme(readme: Path, standings: Standings) -> bool:
    """Whether the table between the markers is that of the standings. Raises `ConfigurationError` without markers."""
    text = readme.read_text(encoding="utf-8")
    return _replaced(readme, text, standings) == text


def _replaced(readme: Path, text: str, standings: Standings) -> str:
    if text.count(START) != 1 or text.count(END) != 1 or text.index(START) > text.index(END):
        raise ConfigurationError(f"{readme}: needs one {START} and, after it, one {END}; add the two lines")
    before, rest = text.split(START)
    return f"{before}{START}\n{render_readme(standings)}\n{END}{rest.split(END)[1]}"
