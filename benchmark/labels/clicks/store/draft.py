"""A block of impressions on its way into the store, in whichever layout and format it came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmark.labels.clicks.store.lists import Ints, places
from benchmark.labels.clicks.store.problems import Place, Problems
from benchmark.labels.clicks.store.vocabulary import Codes

Mask = npt.NDArray[np.bool_]


@dataclass
class Draft:
    """n impressions with m documents in all.

    Arrays over impressions: `row` in the file, `qid` (number in the vocabulary, -1 missing), `lengths`, and
    `per_impression` (Arrow). Over documents, page after page: `cell_row`, `docno`, `clicked`, and `per_document`.
    """

    place: Place
    problems: Problems
    qid_of: Callable[[int], str]
    row: Ints
    qid: Codes
    lengths: Ints
    cell_row: Ints
    docno: Codes
    clicked: Mask
    per_impression: dict[str, pa.Array] = field(default_factory=dict)
    per_document: dict[str, pa.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row)

    @property
    def owner(self) -> Ints:
        """The impression of each document [m]."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def rank(self) -> Ints:
        """The rank of each document [m], from 1."""
        return places(self.lengths) + 1

    def drop(self, bad: Mask, reason: str, tell: Callable[[int], str]) -> None:
        """Refuse the impressions where `bad` [n]; `tell(i)` says of impression i what is wrong."""
        at = np.flatnonzero(bad)
        if len(at):
            self._add(reason, self.row[at], at, lambda i: tell(int(at[i])), len(at))
            self._keep(~bad)

    def drop_cells(self, bad: Mask, reason: str, tell: Callable[[int], str]) -> None:
        """Refuse the impressions of the documents where `bad` [m]; `tell(i)` says of document i what is wrong."""
        at = np.flatnonzero(bad)
        if len(at):
            owner = self.owner[at]
            dropped = np.zeros(len(self), dtype=bool)
            dropped[owner] = True
            self._add(reason, self.cell_row[at], owner, lambda i: tell(int(at[i])), int(dropped.sum()))
            self._keep(~dropped)

    def _add(self, reason: str, rows: Ints, owner: Ints, tell: Callable[[int], str], impressions: int) -> None:
        def told(i: int) -> str:
            qid = int(self.qid[owner[i]])
            return f"query {self.qid_of(qid)}: {tell(i)}" if qid >= 0 else tell(i)

        self.problems.add(self.place, reason, rows, told, impressions)

    def _keep(self, kept: Mask) -> None:
        cells = np.repeat(kept, self.lengths)
        self.row, self.qid, self.lengths = self.row[kept], self.qid[kept], self.lengths[kept]
        self.cell_row, self.docno, self.clicked = self.cell_row[cells], self.docno[cells], self.clicked[cells]
        self.per_impression = {name: values.filter(pa.array(kept)) for name, values in self.per_impression.items()}
        self.per_document = {name: values.filter(pa.array(cells)) for name, values in self.per_document.items()}


def check_pages(draft: Draft, docno: Callable[[int], str]) -> None:
    """Drop impressions without a qid, with a missing docno, without documents, or that show a document twice."""
    draft.drop(draft.qid < 0, "missing qid", lambda i: "qid is missing")
    draft.drop(draft.lengths == 0, "empty page", lambda i: "no document is shown")
    missing = draft.docno < 0
    if missing.any():
        rank = draft.rank
        draft.drop_cells(missing, "missing docno", lambda i: f"docno at rank {rank[i]} is missing")
    again = _again(draft)
    if again.any():
        codes = draft.docno
        draft.drop_cells(again, "duplicate document", lambda i: f"document {docno(int(codes[i]))} is shown twice")


def _again(draft: Draft) -> Mask:
    """Which documents stood on their page before [m]."""
    again = np.zeros(len(draft.docno), dtype=bool)
    if len(draft) and (draft.lengths == draft.lengths[0]).all():  # rows sort much faster than one long array
        matrix = np.sort(draft.docno.reshape(len(draft), -1), axis=1)
        suspects = np.flatnonzero((matrix[:, 1:] == matrix[:, :-1]).any(axis=1))
        cells = np.flatnonzero(np.isin(draft.owner, suspects)) if len(suspects) else suspects
    else:
        cells = np.arange(len(draft.docno))
    keys = draft.owner[cells] << 32 | draft.docno[cells] if len(cells) else cells
    order = np.argsort(keys, kind="stable")
    repeated = np.flatnonzero(keys[order][1:] == keys[order][:-1]) + 1
    again[cells[order[repeated]]] = True
    return again
