"""How parameters are told in the one line that describes a simulation."""

from __future__ import annotations

from collections.abc import Sequence


def span(values: Sequence[float]) -> str:
    """First and last value, `1 to 0.058`; a single number where all are equal."""
    if len(set(values)) == 1:
        return f"{values[0]:.3g}"
    return f"{values[0]:.3g} to {values[-1]:.3g}"
