"""Features of the `features` track: frozen text embeddings and lexical numbers of a query-document pair."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmark.errors import SystemFault

SCALARS = ("cosine", "bm25", "bm25_in_list", "overlap", "log_words", "reciprocal_rank")


@dataclass(frozen=True)
class FeatureStore:
    """Features by (qid, docno), for every candidate of every question of a task.

    `query_vectors` [n, D] and `document_vectors` [m, D] are unit vectors; `scalars` [n, L, 6] holds, for each
    candidate, the numbers named in `SCALARS`.
    """

    qids: npt.NDArray[np.str_]
    docnos: npt.NDArray[np.str_]
    candidates: npt.NDArray[np.int64]
    query_vectors: npt.NDArray[np.float32]
    document_vectors: npt.NDArray[np.float32]
    scalars: npt.NDArray[np.float32]
    _keys: npt.NDArray[np.int64] = field(init=False, repr=False)
    _slots: npt.NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        keys = (np.arange(len(self.qids))[:, None] * len(self.docnos) + self.candidates).ravel()
        order = np.argsort(keys, kind="stable")
        object.__setattr__(self, "_keys", keys[order])
        object.__setattr__(self, "_slots", order)

    def locate(
        self, qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Of each pair: its question, its document and its place in the question's list.

        Raises `SystemFault` when a pair is not a candidate of the task.
        """
        query, document = _find(self.qids, qids), _find(self.docnos, docnos)
        key = query * len(self.docnos) + document
        at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        unknown = (query < 0) | (document < 0) | (self._keys[at] != key)
        if unknown.any():
            first = int(np.argmax(unknown))
            raise SystemFault(f"query {qids[first]}: document {docnos[first]} is not among the task's candidates")
        return query, document, self._slots[at] % self.candidates.shape[1]

    def pairs(self, qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
        """Features [len(qids), D + 6] of the pairs (qids[i], docnos[i]): products q_j d_j, then `SCALARS`."""
        query, document, slot = self.locate(qids, docnos)
        products = self.query_vectors[query] * self.document_vectors[document]
        products *= np.float32(np.sqrt(products.shape[1]))  # about unit scale
        pairs: npt.NDArray[np.float32] = np.concatenate([products, self.scalars[query, slot]], axis=1)
        return pairs

    def column(self, scalar: str) -> int:
        """Where one of `SCALARS` stands in the features of a pair."""
        return int(self.query_vectors.shape[1]) + SCALARS.index(scalar)

    def documents(self, docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
        """The embedding [..., D] of each document alone."""
        vectors = self.document_vectors[_find(self.docnos, docnos.ravel())]
        alone: npt.NDArray[np.float32] = vectors.reshape(*docnos.shape, -1) * np.float32(np.sqrt(vectors.shape[1]))
        return alone

    def scalar(self, name: str, qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
        """One of `SCALARS` for each pair."""
        query, _, slot = self.locate(qids, docnos)
        values: npt.NDArray[np.float32] = self.scalars[query, slot, SCALARS.index(name)]
        return values


def scalar_features(
    cosine: npt.NDArray[np.float32],
    bm25: npt.NDArray[np.float32],
    overlap: npt.NDArray[np.float32],
    words: npt.NDArray[np.int32],
) -> npt.NDArray[np.float32]:
    """`SCALARS` [n, L, 6] of candidate lists in the order of the first stage."""
    best = np.maximum(bm25.max(axis=1, keepdims=True), np.float32(1e-6))
    rank = np.broadcast_to(1 / np.arange(1, bm25.shape[1] + 1), bm25.shape)
    return np.stack([cosine, bm25, bm25 / best, overlap, np.log1p(words), rank], axis=2).astype(np.float32)


def _find(known: npt.NDArray[np.str_], wanted: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    """Position of each wanted id in `known`, -1 where it is not there."""
    order = np.argsort(known)
    at = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)]
    return np.where(known[at] == wanted, at, -1).astype(np.int64)
