"""How often a submission may ask for a number of the dev questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from benchmark.errors import SystemFault
from benchmark.training.view import DevView

Number = TypeVar("Number", float, dict[str, float])
ASKED_AT_MOST = 1000
"""A stage of training asks 41 times. One that moved each document by itself would ask 18,000 times for all grades."""


def limited(dev: DevView, at_most: int = ASKED_AT_MOST) -> DevView:
    """The same dev questions, whose numbers can be asked for so often; once more is a `SystemFault`.

    The numbers are exact: how they move with one document is its grade, so that grades could be read one at a time.
    """
    asked = 0

    def counted(number: Callable[[npt.NDArray[np.floating[Any]]], Number]) -> Callable[..., Number]:
        def ask(scores: npt.NDArray[np.floating[Any]]) -> Number:
            nonlocal asked
            asked += 1
            if asked > at_most:
                told = f"numbers of the dev questions were asked for more than {at_most:,} times"
                raise SystemFault(f"{told}; they are for choices between what was trained")
            return number(scores)

        return ask

    return replace(dev, ndcg=counted(dev.ndcg), ndcg_by_stratum=counted(dev.ndcg_by_stratum))
