"""The wording that every page and table shares, so that a number is described in one way only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from benchmark.statistics.intervals import FEWEST
from leaderboard.model import Effect, Interaction, Row, Score, Task

ALPHA = 0.05
GROUP_NAMES = {
    "macro": "Macro", "high": "High", "medium": "Medium", "low": "Low", "seen": "Seen", "unseen": "Unseen"
}  # fmt: skip
FAMILY_NAMES = {
    "floor": "Floor", "clicks": "Clicks", "llm": "LLM", "fusion": "Fusion", "skyline": "Skyline", "probe": "Probe"
}  # fmt: skip
SIMULATED = (
    "The clicks on this task are simulated: a model of users drew them from the experts' relevance, nobody clicked. "
    "What the table says about clicks holds for that model only."
)
NOT_SIMULATED = "The clicks on this task come from a log of real users."
TIERS = (
    "A tier holds the systems that were not shown to be worse than its first, by tests of all pairs over queries and "
    "seeds."
)


def score_text(score: Score) -> str:
    """`0.512 [0.498, 0.526]`: mean and 95 % interval; `0.512 –` where there is none."""
    if score.low is None or score.high is None:
        return f"{score.mean:.3f} –"
    return f"{score.mean:.3f} [{score.low:.3f}, {score.high:.3f}]"


def effect_text(effect: Effect) -> str:
    """`+0.012 [-0.002, +0.026]`: difference and 95 % interval; `+0.012` where there is none."""
    if effect.low is None or effect.high is None:
        return f"{effect.mean:+.3f}"
    return f"{effect.mean:+.3f} [{effect.low:+.3f}, {effect.high:+.3f}]"


def effect_or_none(value: float | None) -> str:
    """`0.012`, or `–` for none."""
    return "–" if value is None else f"{value:.3f}"


def p_text(p: float) -> str:
    """A p-value as `0.013`, or `< 0.001`."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def tier_text(row: Row) -> str:
    """The number of the tier; why there is none, where there is none."""
    if row.tier is not None:
        return str(row.tier)
    if row.family in ("probe", "skyline"):
        return row.family
    return "–" if row.complete else "incomplete"


def seeds_text(row: Row, task: Task) -> str:
    """`5 of 5`."""
    return f"{len(row.seeds)} of {len(task.seeds)}"


def labels_text(row: Row) -> str:
    """What the system learned from, in short: without the hashes, which stand where a row is told in full."""
    return re.sub(r" \(sha256 [0-9a-f]+\)", "", "; ".join(row.labels)) or "none"


def first_tier_text(rows: Sequence[Row]) -> str:
    """Which families are in the first tier, and with how many rows."""
    counts = Counter[str](row.family for row in rows if row.tier == 1)
    told = [f"{name} ({counts[family]})" for family, name in FAMILY_NAMES.items() if counts[family]]
    return f"The first tier holds rows of these families: {', '.join(told)}."


def alike_text(task: Task, shown: Sequence[Row]) -> str:
    """Which of the rows that are shown are the same in all that is scored; empty where none are."""
    names = {row.system for row in shown}
    groups = [[name for name in group if name in names] for group in task.alike]
    told = [f"{', '.join(group[:-1])} and {group[-1]}" for group in groups if len(group) > 1]
    if not told:
        return ""
    return (
        f"The same on every question, under every seed and by every measure: {'; '.join(told)}. What one of these rows "
        "learns from and another does not changed nothing that is scored."
    )


def log_text(task: Task) -> str:
    """Whether the clicks are simulated, in one sentence."""
    return SIMULATED if task.simulated_log else NOT_SIMULATED


def share_text(task: Task) -> str:
    """How much of the task the rows are of, where it is not all."""
    return f"only {task.share * 100:g} % of the task"


def part_text(task: Task) -> str:
    """That the rows are of a part of the task, in one sentence; empty where they are of all of it."""
    return f"The rows are of {share_text(task)}." if task.share < 1 else ""


def interaction_text(found: Interaction) -> str:
    """What the test of supervision x frequency gave, in words that favour neither side.

    Which of the two is ahead on a stratum is said where the p of the matrix shows it; that the gap depends on frequency
    where one of the differences between high and another stratum does, after correction for both.
    """
    effects = {"high": found.high, "medium": found.medium, "low": found.low}
    gaps = [_gap(found, stratum, effect) for stratum, effect in effects.items() if effect is not None]
    told = [f"minus that on low ones is {effect_text(found.estimate)}, p = {p_text(found.p)}"]
    p = [found.p]
    if found.estimate_medium is not None and found.p_medium is not None:
        told.insert(
            0, f"minus that on medium ones is {effect_text(found.estimate_medium)}, p = {p_text(found.p_medium)}"
        )
        p.append(found.p_medium)
    shown = min(p) < ALPHA
    return (
        f"{' '.join(gaps)} (These are the best of their families, chosen on the same questions; p is adjusted for all "
        f"pairs and groups of the table.) The gap on high-frequency queries {', and '.join(told)}"
        f"{' (corrected for the two)' if len(p) > 1 else ''}: "
        + (
            f"the gap between the two depends on frequency (at level {ALPHA})."
            if shown
            else f"no dependence of the gap on frequency was shown (at level {ALPHA})."
        )
    ).replace("p = <", "p <")


def _gap(found: Interaction, stratum: str, effect: Effect) -> str:
    p = found.p_gap[stratum]
    ahead = found.clicks if effect.mean > 0 else found.llm
    verdict = f"{ahead} is ahead" if p < ALPHA else "no difference was shown after adjustment"
    return (
        f"On {stratum}-frequency queries, {found.clicks} minus {found.llm} is {effect_text(effect)}: {verdict} "
        f"(p = {p_text(p)})."
    )


def groups_text(task: Task) -> str:
    """What the columns of a table are, true whether or not systems may learn from clicks on scored questions."""
    told = ["High, medium and low are strata of the test questions by their frequency."]
    if {"seen", "unseen"} & task.queries.keys():
        told.append("Seen are the test questions that occur in the click log, unseen the others.")
    told.append(
        "Unless the task lets systems learn from clicks on scored questions, no system sees a click on any of them, "
        "and each column shows what systems generalise to."
    )
    if (seeds := len(task.seeds)) > 1:
        told.append(
            f"Resampling {seeds} seeds shows {seeds - 1}/{seeds} of the variance between trainings: where that is "
            "large an interval is a little too narrow. Tests and tiers count all of it."
        )
    if min(task.queries.values()) < FEWEST:
        told.append(f"A group of fewer than {FEWEST} queries has no interval (–), nor has macro with such a stratum.")
    return " ".join(told)
