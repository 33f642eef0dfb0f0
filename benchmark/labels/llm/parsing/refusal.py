"""Answers that decline to answer."""

from __future__ import annotations

import re

_REFUSALS = re.compile(
    r"\bi(?:'m| am) (?:sorry|unable|not able)"
    r"|\bi (?:can(?:not|'t)|won't|will not) (?:help|assist|comply|answer|provide|do)"
    r"|\bas an ai\b|\bi must decline"
    r"|抱歉|对不起|无法(?:回答|提供|协助)|不能(?:回答|提供|协助)|作为一个?(?:人工智能|AI)",
    re.IGNORECASE,
)


def refused(text: str) -> bool:
    """Whether an answer that could not be parsed begins like a refusal, in English or Chinese."""
    return _REFUSALS.search(text[:200].replace("\u2019", "'")) is not None
