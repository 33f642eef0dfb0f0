"""Answers that decline to answer."""

from __future__ import annotations

import re

_REFUSALS = re.compile(
    r"\W*(?:(?:sorry|unfortunately|(?:my )?apologies|i (?:do )?apologi[sz]e|no)\W+(?:but\s+)?)?"
    r"(?:i(?:'m| am) (?:very |so |really )?(?:sorry|unable|not able)\b"
    r"|i (?:can(?:not|'t)|won't|will not|must decline to|have to decline to) (?:help|assist|comply|answer|provide|do)\b"
    r"|as an? (?:ai|(?:large )?language model)\b|i must decline\b)"
    r"|\W*我?(?:很|非常|十分|真的|实在)*(?:抱歉|对不起)"
    r"|\W*(?:我|这个问题)*(?:无法|不能)(?:回答|提供|协助)|\W*作为一个?(?:人工智能|AI)",
    re.IGNORECASE,
)


def refused(text: str) -> bool:
    """Whether an answer that could not be parsed begins like a refusal, in English or Chinese."""
    return _REFUSALS.match(text[:200].replace("\u2019", "'")) is not None
