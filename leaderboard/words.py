"""The wording that every page and table shares, so that a number is described in one way only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from leaderboard.model import Interaction, Row, Score, Task

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
    "A tier holds the systems that were not shown to be worse than its first, by tests over queries and seeds; for "
    "other pairs see the matrix."
)


def score_text(score: Score) -> str:
    """`0.512 [0.498, 0.526]`: mean and 95 % interval."""
    return f"{score.mean:.3f} [{score.low:.3f}, {score.high:.3f}]"


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


def log_text(task: Task) -> str:
    """Whether the clicks are simulated, in one sentence."""
    return SIMULATED if task.simulated_log else NOT_SIMULATED


def interaction_text(found: Interaction) -> str:
    """What the test of supervision x frequency gave, in words that favour neither side.

    The difference of the differences says whether the gap depends on frequency; which of the two is ahead on a stratum
    is said only where its own interval leaves out 0.
    """
    estimate = found.estimate
    shown = found.p < ALPHA
    return (
        f"{_gap(found, 'high')} {_gap(found, 'low')} (These are the best of their families, chosen on the same "
        "questions.) "
        f"The difference between these two differences is {estimate.mean:+.3f} "
        f"[{estimate.low:+.3f}, {estimate.high:+.3f}], p = {p_text(found.p)}: "
        + (
            f"the gap between the two depends on frequency (at level {ALPHA})."
            if shown
            else f"no dependence of the gap on frequency was shown (at level {ALPHA})."
        )
    ).replace("p = <", "p <")


def _gap(found: Interaction, stratum: str) -> str:
    effect = found.high if stratum == "high" else found.low
    numbers = f"{effect.mean:+.3f} [{effect.low:+.3f}, {effect.high:+.3f}]"
    if effect.low > 0:
        verdict = f"{found.clicks} is ahead"
    elif effect.high < 0:
        verdict = f"{found.llm} is ahead"
    else:
        verdict = "the interval includes 0"
    return f"On {stratum}-frequency queries, {found.clicks} minus {found.llm} is {numbers}: {verdict}."
