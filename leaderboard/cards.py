"""What a table says about its task in words; the numbers come from the records."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TaskCard:
    """A task's title, whether its click log is simulated, its licence, and what it can and cannot show."""

    title: str
    simulated_log: bool
    licence: str = ""
    notes: list[str] = field(default_factory=list)
