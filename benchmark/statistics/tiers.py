"""Tiers: a system shares that of the best of it, unless it was shown to be worse."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.scoring.ranked import Floats

ALPHA = 0.05


def assign_tiers(names: Sequence[str], macro: Floats, p: Floats, alpha: float = ALPHA) -> tuple[tuple[str, ...], ...]:
    """Names of the M systems in tiers, the best tier first, the best system of each first.

    Systems are taken by `macro` [M] downwards (by name where it is equal). The first opens tier 1; each next one joins
    the current tier if its adjusted macro p [M, M] against the system that opened the tier is at least `alpha`, and
    opens the next tier otherwise. So no tier reaches back over a system that was told apart, and two members of a tier
    may differ from each other: a tier says only that none of them was shown to be worse than its first.
    """
    found: list[list[int]] = []
    for system in sorted(range(len(names)), key=lambda index: (-macro[index], names[index])):
        if found and p[found[-1][0], system] >= alpha:
            found[-1].append(system)
        else:
            found.append([system])
    return tuple(tuple(names[system] for system in tier) for tier in found)
