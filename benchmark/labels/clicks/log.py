"""A click log: impressions, each a result page in order with what was clicked on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError
from benchmark.labels.clicks.pages import BLOCK, Pages


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: a log is large
class ImpressionLog:
    """I impressions of pages of K documents out of lists of L candidates.

    `query` [I] is the position of the impression's query in `qids`; `shown` [I, K] the position in that query's
    candidate list of the document at each rank; `clicked` [I, K] whether it was clicked. Raises `DataError` where these
    shapes disagree, a number lies outside its list, or a page shows a document twice.
    """

    qids: npt.NDArray[np.str_]
    query: npt.NDArray[np.int32]
    shown: npt.NDArray[np.uint8]
    clicked: npt.NDArray[np.bool_]
    list_size: int
    simulated: bool

    def __post_init__(self) -> None:
        if self.shown.shape != self.clicked.shape or self.query.shape != self.shown.shape[:1]:
            shapes = f"{self.query.shape}, {self.shown.shape} and {self.clicked.shape}"
            raise DataError(f"a click log needs query [I], shown [I, K] and clicked [I, K], got {shapes}")
        if not len(self):
            return
        pages = np.sort(self.shown, axis=1)
        for wrong, told in (
            ((self.query < 0) | (self.query >= len(self.qids)), f"its query is none of the {len(self.qids):,}"),
            (pages[:, -1] >= self.list_size, f"it shows a document that is none of the {self.list_size} candidates"),
            ((pages[:, 1:] == pages[:, :-1]).any(axis=1), "it shows a document twice"),
        ):
            if wrong.any():
                raise DataError(f"impression {int(np.argmax(wrong))} of a click log: {told}")

    def __len__(self) -> int:
        return len(self.query)

    @property
    def page_size(self) -> int:
        """Documents on a result page (K)."""
        return int(self.shown.shape[1])

    @property
    def pair_count(self) -> int:
        """(query, document) pairs: L for each query, shown or not."""
        return len(self.qids) * self.list_size

    @property
    def pair_query(self) -> npt.NDArray[np.int32]:
        """The query of each pair [Q * L]: pair q * L + l is the candidate l of query q."""
        return np.repeat(np.arange(len(self.qids), dtype=np.int32), self.list_size)

    def pages(self) -> Iterator[Pages]:
        """The impressions in blocks (see `PageSource`)."""
        for start in range(0, len(self), BLOCK):
            rows = slice(start, start + BLOCK)
            yield Pages(self.query[rows, None] * np.int32(self.list_size) + self.shown[rows], self.clicked[rows])

    def frequency(self) -> npt.NDArray[np.int64]:
        """Impressions of each query [len(qids)]."""
        return np.bincount(self.query, minlength=len(self.qids)).astype(np.int64)

    def counts(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Sufficient statistics of a position-based model: impressions and clicks [queries, L, K]."""
        shape = (len(self.qids), self.list_size, self.page_size)
        cell = (self.query[:, None].astype(np.int64) * self.list_size + self.shown) * self.page_size
        cell = cell + np.arange(self.page_size)
        size = int(np.prod(shape))
        impressions = np.bincount(cell.ravel(), minlength=size)
        clicks = np.bincount(cell[self.clicked], minlength=size)
        return impressions.reshape(shape).astype(np.int64), clicks.reshape(shape).astype(np.int64)

    def rows(self, qids: npt.NDArray[np.str_]) -> npt.NDArray[np.intp]:
        """The place of each of the given queries in `qids` of the log, -1 where the log does not know it."""
        if not len(self.qids):
            return np.full(len(qids), -1, dtype=np.intp)
        order = np.argsort(self.qids)
        at = order[np.minimum(np.searchsorted(self.qids, qids, sorter=order), len(order) - 1)]
        return np.where(self.qids[at] == qids, at, -1)

    def only(self, qids: npt.NDArray[np.str_]) -> ImpressionLog:
        """The impressions of the given queries, which become the `qids` of the result, in their order.

        Raises `DataError` for a query that is given twice.
        """
        if len(np.unique(qids)) < len(qids):
            raise DataError("the impressions of a query were asked for twice; give each query once")
        row = self.rows(qids)
        known = row >= 0
        place = np.full(len(self.qids), -1, dtype=np.int32)
        place[row[known]] = np.flatnonzero(known)
        kept = place[self.query] >= 0
        return replace(
            self, qids=qids, query=place[self.query[kept]], shown=self.shown[kept], clicked=self.clicked[kept]
        )
