"""The table in the README: written between two markers, and checked for being up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tabulate import tabulate

from benchmark.errors import ConfigurationError
from benchmark.files import write_atomically
from benchmark.scoring import HEADLINE
from leaderboard import words
from leaderboard.model import Row, Standings
from leaderboard.render_text import escape_markdown, present_groups

START, END = "<!-- leaderboard:start -->", "<!-- leaderboard:end -->"


def render_readme(standings: Standings) -> str:
    """For each task its title, whether its clicks are simulated, its leading rows, what the claim comes to."""
    parts = []
    for name, task in standings.tasks.items():
        rows = [row for row in standings.rows_of(name) if row.family != "probe"]
        shown = _leading(rows)
        told_of = " ".join(filter(None, (words.log_text(task), words.part_text(task))))
        parts += [f"**{escape_markdown(task.title)}.** {told_of}", _table(shown)]
        if len(shown) < len(rows):
            parts.append(
                f"{len(shown)} of {len(rows)} rows: of each tier below the first, the best of each family. All are in "
                "`LEADERBOARD.md`."
            )
        if any(row.tier for row in rows):
            parts.append(words.first_tier_text(rows))
        if told := words.alike_text(task, shown):
            parts.append(told)
        if task.interaction is not None:
            parts.append(words.interaction_text(task.interaction))
        if task.mde:
            parts.append(
                f"Minimum detectable effect (80 % power, paired, 5 %, queries and seeds): {_effects(task.mde)} of one "
                "pair, the median one, on its own"
                + (f"; {_effects(task.told_apart)} after correction for all pairs." if task.told_apart else ".")
            )
    return "\n\n".join(parts)


def _leading(rows: Sequence[Row]) -> list[Row]:
    """Of rows in order: those without a tier, the first tier, and in each further one the first of each family."""
    seen: set[tuple[int | None, str]] = set()
    leading = []
    for row in rows:
        if row.tier in (None, 1) or (row.tier, row.family) not in seen:
            leading.append(row)
        seen.add((row.tier, row.family))
    return leading


def _effects(effects: Mapping[str, float]) -> str:
    return ", ".join(f"{group} {effects[group]:.3f}" for group in words.GROUP_NAMES if group in effects)


def _table(rows: Sequence[Row]) -> str:
    """Tier, system, family, macro with its interval, and the mean of each stratum: what fits a README."""
    first, *others = (group for group in present_groups(rows) if group not in ("seen", "unseen"))
    header = ["Tier", "System", "Family", *(words.GROUP_NAMES[group] for group in (first, *others))]
    cells = [
        [
            words.tier_text(row),
            row.system,
            words.FAMILY_NAMES[row.family],
            words.score_text(row.scores[HEADLINE][first]),
            *(f"{row.scores[HEADLINE][group].mean:.3f}" for group in others),
        ]
        for row in rows
    ]
    return tabulate(cells, header, tablefmt="github", disable_numparse=True)


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
