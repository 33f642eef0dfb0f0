"""What a selection strategy may know of the questions that could be annotated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pool:
    """n questions with lists of L candidates, none of them annotated yet.

    `qids` [n]; `frequency` [n] impressions; `stratum` [n]. Where there is a log: `clicks` [n, L] on
    each candidate, and `uncertainty` [n, L], the posterior deviation of a click model. `vectors` [n, D]: embeddings of
    the questions. In rounds: `scores` [n, L] of the ranker so far, and its `error` by stratum, 1 - nDCG on dev
    questions. What is not known is None; a strategy that needs it says so.
    """

    qids: npt.NDArray[np.str_]
    frequency: Floats
    stratum: npt.NDArray[np.str_]
    clicks: npt.NDArray[np.int64] | None = None
    uncertainty: Floats | None = None
    vectors: npt.NDArray[np.floating] | None = None
    scores: npt.NDArray[np.floating] | None = None
    error: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.qids)

    def where(self, rows: npt.NDArray[np.intp]) -> Pool:
        """The questions at `rows`, in that order."""
        taken: dict[str, Any] = {
            name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        return replace(self, **taken)
