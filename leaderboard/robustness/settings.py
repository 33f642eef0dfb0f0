"""The columns of the robustness table: every simulated user at every level of noise."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.labels.clicks.simulate.variants import NOISE, USERS
from benchmark.tasks.registry import DEFAULT_TASK

TITLES = {
    "pbm": "Position-based",
    "cascade": "Cascade",
    "dcm": "Dependent click",
    "dbn": "Dynamic Bayesian",
    "ubm": "User browsing",
    "trust": "Trust bias",
}


@dataclass(frozen=True)
class Setting:
    """One simulated user at one level of noise, and the task that holds its log."""

    task: str
    user: str
    noise: str


def sweep_settings() -> list[Setting]:
    """Users in the order of their declaration, the levels of noise of each side by side."""
    return [
        Setting(f"{DEFAULT_TASK}-{user}-{noise}", TITLES.get(user, user), noise) for user in USERS for noise in NOISE
    ]
