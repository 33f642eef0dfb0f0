"""What every estimator returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Propensities:
    """Examination of K ranks relative to the first, with 95 % intervals; all arrays are [K].

    `examination[0]` = 1. `shown` is how many documents shown the estimate rests on. `contexts` holds a curve for each
    context where the estimator tells contexts apart; `examination` is then that of the whole log.
    """

    method: str
    examination: Floats
    low: Floats
    high: Floats
    shown: int
    contexts: Mapping[str, Propensities] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.examination)

    def __post_init__(self) -> None:
        values = self.examination
        if values.ndim != 1 or not len(values) or not np.isfinite(values).all() or (values < 0).any() or values[0] != 1:
            raise DataError(
                f"examination by {self.method}: is {values.tolist()}; it must be numbers of 0 or more that begin with 1"
            )

    def of_queries(self, context: npt.NDArray[np.str_]) -> Floats:
        """Examination [n, K] for queries of the given contexts [n]; of the whole log for a context not known."""
        rows = {name: curve.examination for name, curve in self.contexts.items()}
        return np.array([rows.get(name, self.examination) for name in context.tolist()]).reshape(len(context), -1)

    def as_json(self) -> dict[str, object]:
        """Lists and numbers, for a file; a bound that is infinite is None."""
        parts = {
            name: [value if np.isfinite(value) else None for value in getattr(self, name).tolist()]
            for name in ("examination", "low", "high")
        }
        whole: dict[str, object] = {"method": self.method, **parts, "shown": self.shown}
        if self.contexts:
            whole["contexts"] = {name: curve.as_json() for name, curve in self.contexts.items()}
        return whole
