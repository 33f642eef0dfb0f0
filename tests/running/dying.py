"""What workers do in the tests of the engine: nothing, but some die of it. Light, since each worker imports it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

_SECONDS = {"quick": 0.0, "slow": 0.6, "dies": 0.8}


@dataclass(frozen=True)
class Some:
    """What the engine reads of a cell."""

    system: str
    seed: int


def work(cell: Some) -> str:
    """Takes as long as the system's name says, and dies where that begins with `dies`."""
    kind = cell.system.partition("-")[0]
    time.sleep(_SECONDS[kind])
    if kind == "dies":
        os._exit(1)
    return f"{cell.system} {cell.seed}"


def process_id() -> int:
    """Which process it is that works."""
    return os.getpid()
