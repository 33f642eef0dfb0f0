"""The standings as Markdown, CSV, LaTeX and BibTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from tabulate import tabulate

from benchmark.scoring import GROUPS, HEADLINE
from leaderboard import words
from leaderboard.model import DECIMALS, Row, Score, Standings, Task
from leaderboard.read import MEASURE_NAMES

PAPER = """@misc{yu2025llm,
  title         = {Can {LLM} Annotations Replace User Clicks for Learning to Rank?},
  author        = {Yu, Lulu and Bi, Keping and Guo, Jiafeng and Liu, Shihao and Wang, Shuaiqiang and Yin, Dawei and Cheng, Xueqi},
  year          = {2025},
  eprint        = {2511.06635},
  archivePrefix = {arXiv},
  primaryClass  = {cs.IR}
}
"""  # noqa: E501
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--",
}  # fmt: skip


def markdown_table(rows: Sequence[Row], task: Task) -> str:
    """A table of the headline: tier, system, family, each group with its interval, labels, seeds."""
    groups = present_groups(rows)
    header = ["Tier", "System", "Family", *(words.GROUP_NAMES[group] for group in groups), "Labels", "Seeds"]
    cells = [
        [
            words.tier_text(row),
            row.system,
            words.FAMILY_NAMES[row.family],
            *(words.score_text(row.scores[HEADLINE][group]) for group in groups),
            "; ".join(row.labels) or "none",
            words.seeds_text(row, task),
        ]
        for row in rows
    ]
    # tabulate's github format does not escape the bar, and would turn a tier into a number
    safe = [[escape_markdown(cell) for cell in row] for row in cells]
    return tabulate(safe, header, tablefmt="github", disable_numparse=True)


def present_groups(rows: Sequence[Row]) -> list[str]:
    """The groups that have scores, in the order of `GROUPS`."""
    return [group for group in GROUPS if any(group in row.scores[HEADLINE] for row in rows)]


def escape_markdown(text: str) -> str:
    """Text that stays one cell of a Markdown table."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def render_markdown(standings: Standings) -> str:
    """LEADERBOARD.md: for each task its table, what its differences are worth, and what it can and cannot show."""
    parts = [
        "# Leaderboard",
        f"Version {standings.version}, content `{standings.content[:12]}`. {HEADLINE}, mean and 95 % interval over "
        f"queries and seeds. {words.TIERS} Made from the records in `results/`; do not edit.",
    ]
    for name, task in standings.tasks.items():
        parts += [f"## {escape_markdown(task.title)}", f"**{words.log_text(task)}**"]
        parts += [f"**{part}**"] if (part := words.part_text(task)) else []
        rows = standings.rows_of(name)
        parts += [markdown_table(rows, task), words.groups_text(task)]
        parts += [told] if (told := words.alike_text(task, rows)) else []
        if task.mde:
            effects = [
                (words.GROUP_NAMES[group], f"{value:.3f}", words.effect_or_none(task.told_apart.get(group)))
                for group, value in task.mde.items()
            ]
            parts += [
                f"Minimum detectable effect ({HEADLINE}, power 0.8, level 0.05, queries and seeds, median pair), of "
                "one pair on its own, and after the correction for all pairs and groups that tiers are made by:",
                tabulate(effects, ["Group", "One pair", "All pairs"], tablefmt="github", disable_numparse=True),
            ]
        if task.interaction:
            parts += [words.interaction_text(task.interaction)]
        if task.notes:
            parts += ["\n".join(f"- {escape_markdown(note)}" for note in task.notes)]
    return "\n\n".join(parts) + "\n"


def render_csv(standings: Standings) -> str:
    """leaderboard.csv: one line per row; `<measure> <group> mean`, `low` and `high` for every measure and group.

    A number that there is not is an empty cell: of a group without queries, or an interval of too few.
    """
    scores = [(measure, group) for measure in MEASURE_NAMES for group in GROUPS]
    columns = [f"{measure} {group} {part}" for measure, group in scores for part in ("mean", "low", "high")]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["task", "track", "share", "simulated_log", "tier", "system", "family", "complete", "seeds",
                     "labels", "tie_rate", *columns])  # fmt: skip
    for row in standings.rows:
        task = standings.tasks[row.task]
        found = [row.scores[measure].get(group) for measure, group in scores]
        numbers = [
            "" if part is None else f"{part:.{DECIMALS}f}"
            for value in found
            for part in ((value.mean, value.low, value.high) if value else (None, None, None))
        ]
        writer.writerow([row.task, row.track, f"{task.share:g}", str(task.simulated_log).lower(), row.tier or "",
                         row.system, row.family,
                         str(row.complete).lower(), " ".join(map(str, row.seeds)), "; ".join(row.labels),
                         f"{row.tie_rate:.{DECIMALS}f}", *numbers])  # fmt: skip
    return stream.getvalue()


def render_latex(standings: Standings) -> str:
    r"""leaderboard.tex: one `table` per task (needs \usepackage{booktabs}); a rule between tiers."""
    head = f"% click-or-llm leaderboard, version {standings.version}, content {standings.content[:12]}\n"
    return head + "\n".join(_latex_task(standings, name) for name in standings.tasks)


def _latex_task(standings: Standings, name: str) -> str:
    task, rows = standings.tasks[name], standings.rows_of(name)
    groups = [group for group in present_groups(rows) if group not in ("seen", "unseen")]
    lines = []
    for above, row in zip([None, *rows], rows, strict=False):
        if above and above.tier != row.tier:
            lines.append(r"\midrule")
        cells = [words.tier_text(row), row.system, words.FAMILY_NAMES[row.family]]
        scores = [row.scores[HEADLINE][group] for group in groups]
        lines.append(" & ".join([*map(escape_latex, cells), *map(_latex_score, scores)]) + r" \\")
    what = f"{task.title}: {HEADLINE}, mean and 95 % interval over queries and seeds."
    caption = " ".join(filter(None, (what, words.TIERS, words.part_text(task), words.log_text(task))))
    title = " & ".join(["Tier", "System", "Family", *(words.GROUP_NAMES[group] for group in groups)])
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape_latex(caption)} Version {escape_latex(standings.version)}.}}",
            rf"\label{{tab:{name}}}",
            rf"\begin{{tabular}}{{lll{'l' * len(groups)}}}",
            r"\toprule",
            rf"{title} \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _latex_score(score: Score) -> str:
    mean, interval = words.score_text(score).split(" ", 1)
    return rf"{mean} {{\scriptsize {escape_latex(interval)}}}"


def escape_latex(text: str) -> str:
    """Text without a character that LaTeX would act on."""
    return "".join(_LATEX.get(character, character) for character in text)


def render_bibtex(standings: Standings) -> str:
    """leaderboard.bib: the table itself, by version and content, and the paper whose question it asks."""
    return (
        "@misc{clickorllm,\n"
        "  title   = {click-or-llm: a leaderboard of rankers trained on clicks, on {LLM} annotations, and on both},\n"
        "  author  = {{The click-or-llm contributors}},\n"
        f"  version = {{{standings.version}}},\n"
        f"  note    = {{Version {standings.version}, content {standings.content[:12]}}}\n"
        f"}}\n\n{PAPER}"
    )
