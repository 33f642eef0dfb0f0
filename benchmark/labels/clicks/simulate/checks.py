"""Checks of parameters: what a simulation is made of is refused when it is made, not while it draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError


def check_probabilities(owner: str, name: str, values: Sequence[float]) -> None:
    """Raise `ConfigurationError` unless there are values and each lies in [0, 1]."""
    if len(values) == 0:
        raise ConfigurationError(f"{owner}: {name} is empty; give one probability per rank or grade")
    wrong = [value for value in values if not 0 <= value <= 1]
    if wrong:
        raise ConfigurationError(f"{owner}: {name} has {wrong[0]!r}, which is no probability; give values in [0, 1]")


def by_rank(owner: str, name: str, values: Sequence[float], page_size: int) -> npt.NDArray[np.float64]:
    """The first K values as an array [K]; raises `ConfigurationError` when there are fewer ranks than documents."""
    if len(values) < page_size:
        raise ConfigurationError(
            f"{owner}: {name} has {len(values)} ranks, the page {page_size}; give a value for each rank"
        )
    return np.asarray(values[:page_size], dtype=np.float64)
