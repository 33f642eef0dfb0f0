"""The tails of a whole log: a tree for each range of pairs, worked on side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain.counts import ChainCounts
from benchmark.labels.clicks.models.chain.suffixes import SuffixTree, suffix_tree
from benchmark.labels.clicks.models.chain.tails import chain_tails
from benchmark.labels.clicks.models.counting.blocks import in_order
from benchmark.labels.clicks.pages import PageSource

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
In = TypeVar("In")
Out = TypeVar("Out")

IMPRESSIONS = 500_000
"""Documents shown in a range: its tree then fits into the cache of a core."""
MOST = 256


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees of consecutive ranges of pairs; range b goes from `bounds` [B + 1] b to b + 1, and ends with a query."""

    trees: tuple[SuffixTree, ...]
    bounds: Ints

    @cached_property
    def followed(self) -> Floats:
        """Pages on which a pair had the last click, with a document below it [P]."""
        return by_pair(list(self.trees), lambda tree: tree.by_pair(np.ones(len(tree.entry))))

    def each(self, work: Callable[[SuffixTree, slice], Out]) -> list[Out]:
        """`work` of each tree and of the pairs of its range, on all cores."""
        ranges = map(slice, self.bounds[:-1].tolist(), self.bounds[1:].tolist())
        return list(in_order(lambda part: work(*part), zip(self.trees, ranges, strict=True)))


def by_pair(parts: list[In], value: Callable[[In], Floats]) -> Floats:
    """The values of all ranges, each [p], as values of all pairs [P]."""
    return np.concatenate(list(in_order(value, parts)))


def forest(source: PageSource, counts: ChainCounts) -> Forest:
    """The tails of a log, in one pass; its `counts` say where it is dense."""
    bounds = ranges(source.pair_query, counts.shown)
    trees = in_order(
        lambda part: suffix_tree(*part),
        zip(chain_tails(source, bounds), bounds[:-1].tolist(), np.diff(bounds).tolist(), strict=True),
    )
    return Forest(tuple(trees), bounds)


def ranges(pair_query: npt.NDArray[np.integer], shown: Floats) -> Ints:
    """Bounds [B + 1] of ranges of pairs that were shown about equally often; a query is never cut."""
    total = np.cumsum(shown)
    count = int(np.clip(total[-1] // IMPRESSIONS, 1, MOST)) if len(total) else 1
    cuts = np.searchsorted(total, np.arange(1, count) * (total[-1] / count if len(total) else 0.0))
    starts = np.searchsorted(pair_query, pair_query[cuts]) if len(cuts) else cuts
    return np.unique(np.concatenate([[0], starts, [len(pair_query)]])).astype(np.int64)
