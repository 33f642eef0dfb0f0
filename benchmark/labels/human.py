"""Labels from human grades: for the skyline, which shows what perfect supervision would give, and for probes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.training.view import TrainingView


@dataclass(frozen=True)
class HumanLabels:
    """Human grades [n, L] of the training questions; `SystemFault` for any family but skyline and probe."""

    def label(self, view: TrainingView) -> npt.NDArray[np.float64]:
        """The grade of each candidate of each training question."""
        return view.human_grades()

    def provenance(self, view: TrainingView) -> str:
        """Whose grades."""
        return f"human grades of {len(view.qids):,} training questions"
