"""What a judge said of one document, as every annotation method tells it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "refused", "unparsable", "truncated", "failed"]
Scale = Literal["yes-no", "likelihood", "grade", "selection", "rank", "preference"]


@dataclass(frozen=True)
class Judgment:
    """What a judge said of one document of one list (or, of a `preference`, of `docno` against `other`).

    `value` by the method's scale: yes-no P(yes) / (P(yes) + P(no)); likelihood log P(question | document); grade
    0, 1, ...; selection 1 or 0; rank 1, 2, ... from the best; preference 1 for `docno`, 0 for `other`, 0.5 for a tie.
    NaN unless `status` is `ok`. `log_probabilities` of the method's answers, where the judge gave them (of likelihood:
    the sum and the number of tokens). `position`: where the document stood in the prompt, from 1; `order`: which
    permutation of the list it was shown in, from 0.
    """

    qid: str
    docno: str
    status: Status
    value: float = math.nan
    other: str = ""
    position: int = 1
    order: int = 0
    log_probabilities: tuple[float, ...] = ()
