"""What every source of impressions gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from benchmark.labels.clicks.store.lists import Ints
from benchmark.labels.clicks.store.problems import Place, Problems

NO_ROWS: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Batch:
    """Rows of a file: their columns, their numbers in the file, the broken lines among them, and the share read."""

    table: pa.Table
    rows: Ints
    done: float
    broken: Ints = field(default_factory=lambda: NO_ROWS)


class Source(Protocol):
    """One file. `names` are its columns; `types` are those that the file itself declares."""

    place: Place
    names: list[str]

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The Arrow type of each column as it will come; none where all is text."""
        ...

    def batches(self, columns: Collection[str], problems: Problems) -> Iterator[Batch]:
        """The named columns, batch by batch; broken lines are told to `problems`."""
        ...
