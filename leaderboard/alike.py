"""Rows that are one system under several names, as far as scores can tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leaderboard.read import MEASURE_NAMES, Entry

# A score that differs by less is the same, added up in another order.
_ROUNDING = 1e-9


def alike(entries: Sequence[Entry]) -> list[list[str]]:
    """Names of the systems that have the same scores on every query, under every seed and by every measure.

    `entries` have the same seeds. Groups of two or more, in the order of their first.
    """
    groups: list[list[Entry]] = []
    for entry in entries:
        for group in groups:
            if _same(group[0], entry):
                group.append(entry)
                break
        else:
            groups.append([entry])
    return [[entry.record.system for entry in group] for group in groups if len(group) > 1]


def _same(one: Entry, other: Entry) -> bool:
    return all(np.abs(one.values(name) - other.values(name)).max() <= _ROUNDING for name in MEASURE_NAMES)
