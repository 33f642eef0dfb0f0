"""Texts that go from a process that a submission is imported in to the one that scores."""

from __future__ import annotations

import json
from collections.abc import Iterable

from benchmark.errors import SystemFault


def plain_texts(values: Iterable[object], whose: str) -> list[str]:
    """The values as plain `str`, of no class that the other process would have to import.

    Raises `SystemFault`, which begins with `whose`, for a value that is no text.
    """
    texts = list(values)
    for value in texts:
        if not isinstance(value, str):
            raise SystemFault(f"{whose}: is {value!r} where the record takes text; give a text")
    plain: list[str] = json.loads(json.dumps(texts))
    return plain
