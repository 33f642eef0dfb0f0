"""What a log says up to the last click of each page: there examination is certain, and counts of pairs are enough."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.counting.blocks import in_order
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ABOVE, LAST, BELOW, NONE = range(4)
"""Where a rank lies: above the last click of its page, at it, below it, or on a page without a click."""


@dataclass(frozen=True, eq=False)
class ChainCounts:
    """Counts of P pairs and of K ranks; those of the parts of a log add up (`+`).

    `clicks` [P]; `passed` [P] impressions without a click above the last click; `whole` [P] impressions on pages
    without a click; `below` [P] impressions below the last click; `continued` [P] clicks with another click below;
    `continued_at` [K] and `last_at` [K] clicks at each rank with another click below, and with none.
    """

    clicks: Floats
    passed: Floats
    whole: Floats
    below: Floats
    continued: Floats
    continued_at: Floats
    last_at: Floats

    def __add__(self, other: ChainCounts) -> ChainCounts:
        return ChainCounts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def last(self) -> Floats:
        """Clicks that were the last on their page [P]."""
        return self.clicks - self.continued

    @property
    def trials(self) -> Floats:
        """Impressions at or above the last click, or on a page without a click [P]."""
        return self.clicks + self.passed + self.whole

    @property
    def shown(self) -> Floats:
        """All impressions [P]."""
        return self.trials + self.below


_BELOW, _PASSED, _WHOLE, _CONTINUED, _LAST = range(5)


def chain_counts(source: PageSource) -> ChainCounts:
    """The counts of a log, in one pass: cells (pair, what happened to it), and clicks by rank."""
    size = 5 * source.pair_count
    cells = np.zeros(size, np.int64)
    continued_at, last_at = np.zeros((2, source.page_size))
    for keys, continued, last in in_order(_block, source.pages()):
        np.add.at(cells, keys, 1)
        continued_at += continued
        last_at += last
    by_pair = cells.reshape(-1, 5).T.astype(np.float64)
    return ChainCounts(
        clicks=by_pair[_CONTINUED] + by_pair[_LAST],
        passed=by_pair[_PASSED],
        whole=by_pair[_WHOLE],
        below=by_pair[_BELOW],
        continued=by_pair[_CONTINUED],
        continued_at=continued_at,
        last_at=last_at,
    )


def _block(pages: Pages) -> tuple[Ints, Ints, Ints]:
    """Keys 5 pair + what happened; clicks with another below and clicks with none, by rank."""
    last = last_clicks(pages)
    size = pages.pair.shape[1]
    happened = (np.arange(size) < last[:, None]).astype(np.int8)  # _PASSED above the last click, else _BELOW
    happened += pages.clicked.astype(np.int8) * np.int8(2)  # _CONTINUED above the last click
    happened[last < 0] = _WHOLE
    clicked = np.flatnonzero(last >= 0)
    happened[clicked, last[clicked]] = _LAST
    key = pages.pair.astype(np.int64)
    key *= 5
    np.add(key, happened, out=key)
    last_at = np.bincount(last[clicked], minlength=size)
    shown = pages.shown
    return key.ravel() if shown.all() else key[shown], pages.clicked.sum(axis=0) - last_at, last_at


def tally(index: npt.NDArray[np.integer], values: npt.NDArray[np.number], size: int) -> Floats:
    """Sum of the values at each index in [0, size)."""
    return np.asarray(np.bincount(index, values, minlength=size), dtype=np.float64)


def last_clicks(pages: Pages) -> npt.NDArray[np.int64]:
    """The place of the last click on each page [I], counted from 0; -1 where there is none."""
    size = pages.clicked.shape[1]
    last: npt.NDArray[np.int64] = size - 1 - np.argmax(pages.clicked[:, ::-1], axis=1)
    last[~pages.clicked.any(axis=1)] = -1
    return last
