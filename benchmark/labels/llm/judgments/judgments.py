"""Judgments in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.labels.llm.judgments.judgment import Scale
from benchmark.labels.llm.judgments.metadata import Metadata

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judgments:
    """m judgments sorted by (qid, docno, other, order); see `Judgment` for what each column says.

    `table`: columns qid, docno, other, status, value (NaN unless the status is ok), position, order.
    `log_probabilities` [m, A]: of the method's A answers, NaN where the judge gave none.
    """

    table: pd.DataFrame
    log_probabilities: Floats
    metadata: Metadata

    def __len__(self) -> int:
        return len(self.table)

    @property
    def scale(self) -> Scale:
        """What a value means."""
        return self.metadata.scale

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """Which judgments have a value [m]."""
        return self.table["status"].eq("ok").to_numpy()

    @property
    def finished(self) -> frozenset[str]:
        """The qids of the lists in which no judgment failed; the others are to be judged again."""
        failed = self.table.loc[self.table["status"].eq("failed"), "qid"]
        return frozenset(self.table["qid"]) - frozenset(failed)

    @property
    def mass(self) -> Floats:
        """sum_a exp(log P(a)) [m]: how much the model wanted to say one of the answers at all; NaN if unknown."""
        if not self.log_probabilities.shape[1]:
            return np.full(len(self), np.nan)
        return np.asarray(np.exp(self.log_probabilities).sum(axis=1))
