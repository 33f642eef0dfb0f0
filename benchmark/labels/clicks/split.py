"""A click log in two: one part to fit a click model to, the other to see what it foretells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.pages import Pages, PageSource


@dataclass(frozen=True, eq=False)
class LogPart:
    """The impressions of `source` that a coin of `share` takes out, or those that it leaves; a `PageSource`, too.

    Pairs keep their numbers, by which a model that is fitted to one part knows those of the other.
    """

    source: PageSource
    share: float
    seed: int
    taken: bool

    @property
    def pair_count(self) -> int:
        """That of the whole log."""
        return self.source.pair_count

    @property
    def page_size(self) -> int:
        """That of the whole log."""
        return self.source.page_size

    @property
    def pair_query(self) -> npt.NDArray[np.int32]:
        """That of the whole log."""
        return self.source.pair_query

    def pages(self) -> Iterator[Pages]:
        """The impressions of this part; which they are depends on their place in the log and not on its blocks."""
        coin = np.random.default_rng(self.seed)
        for block in self.source.pages():
            here = (coin.random(len(block)) < self.share) == self.taken
            if here.any():
                yield Pages(block.pair[here], block.clicked[here])


def split(source: PageSource, held_out: float = 0.1, seed: int = 0) -> tuple[LogPart, LogPart]:
    """Impressions to fit to, and about a share `held_out` of them, drawn one by one, to evaluate on.

    Raises `ConfigurationError` unless 0 < `held_out` < 1.
    """
    if not 0 < held_out < 1:
        raise ConfigurationError(f"held_out is {held_out:g}; it must lie between 0 and 1")
    return LogPart(source, held_out, seed, taken=False), LogPart(source, held_out, seed, taken=True)
