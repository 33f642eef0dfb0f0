"""Train, dev and test questions, drawn group by group within each stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.hashing import seeded_hashes


@dataclass(frozen=True)
class Quotas:
    """Questions per stratum: test (of which `seen` stay in the log) and dev; the rest trains."""

    test: int
    seen: int
    dev: int


def draw_splits(
    groups: Sequence[str], strata: npt.NDArray[np.int64], quotas: Quotas, seed: int
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """The split (`train`, `dev` or `test`) of each question, and whether a test question is seen in the log.

    Within a stratum, groups of questions that ask the same thing come in the order of a seeded hash; the first fill
    `test` (the first of these are seen), the next `dev`, until each holds at least its quota. No group is parted, so
    an unseen test question has no paraphrase among the training questions.
    """
    group_array = np.asarray(groups)
    split = np.full(len(group_array), "train", dtype="<U5")
    seen = np.zeros(len(group_array), dtype=bool)
    order = seeded_hashes(seed, group_array.tolist())
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        members = members[np.lexsort((group_array[members], order[members]))]
        _, group_start = np.unique(order[members], return_index=True)
        starts = [*group_start.tolist(), len(members)]

        def reach(quota: int, starts: list[int] = starts, last: int = len(members)) -> int:
            return next((start for start in starts if start >= quota), last)

        cut_seen, cut_test = reach(quotas.seen), reach(quotas.test)
        cut_dev = reach(cut_test + quotas.dev)
        split[members[:cut_test]] = "test"
        split[members[cut_test:cut_dev]] = "dev"
        seen[members[:cut_seen]] = True
    return split, seen
