"""An answer without its wrapping: thinking, code fences, emphasis, full-width characters."""

from __future__ import annotations

import re

LONGEST = 20_000
"""Characters of an answer that are read; a longer one says nothing."""

_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```[a-z]*\n(.*?)\n?```\Z", re.DOTALL | re.IGNORECASE)
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3010: 0x5B, 0x3011: 0x5D}
_NUMERALS = dict(zip("零一二三四五六七八九十", range(11), strict=True)) | {"〇": 0, "两": 2}


def plain(answer: str) -> str:
    """The answer without thinking before it, a fence or quotes around it, and a full stop at its end.

    Full-width digits and signs become plain ones, and 【】 brackets. Empty where the answer is longer than `LONGEST`.
    """
    if len(answer) > LONGEST:
        return ""
    text = _THINKING.sub("", answer.translate(_WIDE), count=1).strip()
    if fenced := _FENCE.match(text):
        text = fenced[1].strip()
    text = text.strip("*_`\"' \t\r\n")
    return text.removesuffix(".").removesuffix("。").strip()


def chinese_number(text: str) -> int | None:
    """The number of a single Chinese numeral from 零 to 十, which is the whole text."""
    return _NUMERALS.get(text)
