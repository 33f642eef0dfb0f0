"""Grades, selections, rankings and preferences out of written answers."""

from __future__ import annotations

import json
import re
from typing import Any

from benchmark.labels.llm.parsing.plain import chinese_number, plain

_ANSWER = r"answer|答案"
_GRADE = r"grade|score|rating|relevance|label|等级|评级|评分|得分|分数"
_LISTED = r"selection|ranking|选择|排序"
_NUMBER = re.compile(r"\A\d{1,3}\Z")
_NONE = {"none", "[]", "no passage", "no passages", "none of them", "none of the passages", "none of these passages"}
_NONE |= {"无", "没有", "没有一个", "没有一篇", "都没有", "一个都没有", "一篇都没有"}
_IDENTIFIERS = re.compile(r"\A(?:\[\d{1,3}\]|\d{1,3})(?:\s*[,、;>\s]\s*(?:\[\d{1,3}\]|\d{1,3}))*\Z", re.ASCII)
_LAST_TWO = re.compile(r"(?:\s*,)?\s*(?:\band\b|&|和|及|与)\s*(?=\[?\d{1,3}\]?\Z)")
_BULLET = re.compile(r"\A[-*•]\s+")
_GRADE_LINE = re.compile(r"\A(?:\[(\d{1,3})\]|(\d{1,3}))(?:\s*[:=)]\s*|\.\s+)(\d{1,3})\s*分?\Z", re.ASCII)
_PREFERENCE = re.compile(r"\A(?:passage\s+|the\s+|(?:段落|文档)\s*)?\[?([ab])\]?\Z", re.I)


def parse_grade(text: str, low: int, high: int) -> int | None:
    """The one grade in [low, high] that the answer is, perhaps after a word such as `Grade:`, or what a JSON object
    has under such a word and nothing else; a Chinese numeral counts where it is all of the answer, 分 is its unit."""
    answer = _unlabelled(plain(text), _GRADE)
    number = _json_number(answer) if answer.startswith("{") else _number(answer.removesuffix("分"))
    return number if number is not None and low <= number <= high else None


def parse_selection(text: str, count: int) -> tuple[int, ...] | None:
    """Identifiers in [1, count], ascending; empty for `none`. None if one is outside or stands there twice."""
    answer = _unlabelled(plain(text), _LISTED)
    if answer.casefold() in _NONE:
        return ()
    found = _identifiers(_LAST_TWO.sub(", ", answer, count=1))
    return tuple(sorted(found)) if found and _are_places(found, count) else None


def parse_ranking(text: str, count: int) -> tuple[int, ...] | None:
    """Identifiers in [1, count] from the best on; they may be fewer than `count`. None if one is outside or doubled."""
    found = _identifiers(_unlabelled(plain(text), _LISTED))
    return tuple(found) if found and _are_places(found, count) else None


def parse_grades(text: str, count: int, low: int, high: int) -> tuple[int, ...] | None:
    """A grade in [low, high] for each identifier from 1 to `count`, in that order.

    Lines `[1]: 3`, a JSON object {"1": 3, ...}, or a JSON list of `count` grades in the order of the identifiers. None
    unless every identifier has exactly one grade, and for a list that holds each identifier once: it may be a ranking.
    """
    answer = plain(text)
    parsed = _json(answer) if answer[:1] in ("{", "[") else None
    if isinstance(parsed, dict):
        pairs = [(_number(str(key).strip("[] ")), value) for key, value in parsed.items()]
    elif isinstance(parsed, list) and len(parsed) == count and not _is_ranking(parsed):
        pairs = list(enumerate(parsed, start=1))
    else:
        told = [_BULLET.sub("", line.strip()).strip(" ,;*") for line in re.split(r"[\n;]", answer)]
        lines = [_GRADE_LINE.match(line) for line in told if line]
        pairs = [(int(line[1] or line[2]), int(line[3])) if line else (None, None) for line in lines]
    if len(pairs) != count or {key for key, _ in pairs} != set(range(1, count + 1)):
        return None
    grades = [value for _, value in sorted(pairs, key=lambda pair: pair[0] or 0)]
    fits = all(type(grade) is int and low <= grade <= high for grade in grades)
    return tuple(grades) if fits else None


def parse_preference(text: str) -> str | None:
    """`A`, `B`, or `tie`."""
    answer = _unlabelled(plain(text), r"preference")
    if answer.casefold() in ("tie", "equal", "平局", "一样"):
        return "tie"
    preferred = _PREFERENCE.match(answer)
    return preferred[1].upper() if preferred else None


def _is_ranking(parsed: list[Any]) -> bool:
    return all(type(item) is int for item in parsed) and sorted(parsed) == list(range(1, len(parsed) + 1))


def _unlabelled(answer: str, names: str) -> str:
    """Without a word such as `Answer:`, or one of those that `names` it, before it."""
    label = rf"\A(?:the\s+)?(?:{_ANSWER}|{names})\s*(?:is|是|为)?\s*[:=]?\s*"
    return plain(re.sub(label, "", answer, count=1, flags=re.I))


def _number(text: str) -> int | None:
    text = text.strip("[]() ")
    return int(text) if _NUMBER.match(text) and text.isascii() else chinese_number(text)


def _identifiers(answer: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", answer)] if _IDENTIFIERS.match(_listed(answer)) else []


def _listed(answer: str) -> str:
    """A JSON list of numbers as plain numbers."""
    parsed = _json(answer) if answer.startswith("[") and "," in answer else None
    if isinstance(parsed, list) and all(type(item) is int for item in parsed):
        return " ".join(map(str, parsed))
    return answer


def _are_places(found: list[int], count: int) -> bool:
    return len(set(found)) == len(found) and all(1 <= place <= count for place in found)


def _json_number(answer: str) -> int | None:
    parsed = _json(answer)
    if not isinstance(parsed, dict) or len(parsed) != 1:
        return None
    ((name, value),) = parsed.items()
    named = re.fullmatch(f"{_ANSWER}|{_GRADE}", name.strip(), re.I)
    return value if named and type(value) is int else None


def _json(answer: str) -> Any:
    """What JSON says, or nothing; a key that stands twice is no JSON here."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    try:
        return json.loads(answer, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None
