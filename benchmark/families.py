"""The families that systems come in: what supervised them."""

from __future__ import annotations

from typing import Literal, get_args

Family = Literal["floor", "clicks", "llm", "fusion", "skyline", "probe"]
FAMILIES: tuple[str, ...] = get_args(Family)
HUMAN_SUPERVISED = ("skyline", "probe")
SEES_CLICKS = ("clicks", "fusion", "skyline", "probe")
"""Families that may learn from the click log; how often a question is asked is told to all."""
SEES_JUDGMENTS = ("llm", "fusion", "skyline", "probe")
"""Families that may learn from LLM judgments."""
