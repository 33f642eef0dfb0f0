"""What the first stage's order gets on the very documents that a judge labelled: the judge's control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmark.agreement.labelling import Labelling
from benchmark.agreement.resample import Statistic

PairMeasure = Callable[[Labelling, Labelling], Statistic | None]


def control(compared: PairMeasure) -> PairMeasure:
    """The same measure of the first stage in the judge's place."""

    def of_first_stage(judge: Labelling, reference: Labelling) -> Statistic | None:
        return compared(in_first_order(judge), reference) if controlled(judge, reference) else None

    return of_first_stage


def controlled(judge: Labelling, reference: Labelling) -> bool:
    """Against clicks there is no control: the first stage chose the places that made documents be clicked."""
    return judge.kind == "llm" and reference.kind == "human"


def in_first_order(judge: Labelling) -> Labelling:
    """The documents that a judge labelled, valued by their place in the list: the first highest."""
    places = -np.arange(judge.values.shape[1], dtype=np.float64)
    return replace(judge, values=np.where(np.isnan(judge.values), np.nan, places))
