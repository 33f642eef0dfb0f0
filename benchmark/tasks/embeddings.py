"""Frozen sentence embeddings, kept as 8-bit integers so that every machine computes the same numbers from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Embeddings:
    """Rows of int8 vectors with their ids: a vector e is kept as round(127 e / max|e|), which keeps its direction."""

    ids: npt.NDArray[np.str_]
    vectors: npt.NDArray[np.int8]

    def rows(self, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors [len(ids), dimension] of the given ids."""
        order = np.argsort(self.ids)
        found = order[np.searchsorted(self.ids, ids, sorter=order)]
        vectors = self.vectors[found].astype(np.float64)
        unit: npt.NDArray[np.float32] = (vectors / _norms(self.vectors[found])[:, None]).astype(np.float32)
        return unit


def quantise(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """int8 rows: round(127 e / max|e|) for each row e."""
    kept: npt.NDArray[np.int8] = np.rint(127 * vectors / np.abs(vectors).max(axis=1, keepdims=True)).astype(np.int8)
    return kept


def cosine(queries: npt.NDArray[np.int8], documents: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """Cosine [queries, documents] of int8 rows, the same to the last bit on every machine.

    A dot product of at most 1,040 products of 8-bit integers stays below 2^24, where float32 sums of integers are
    exact in any order; only then is it divided by the two norms.
    """
    if queries.shape[1] > 1040:
        raise ValueError(f"exact in float32 up to 1,040 dimensions, got {queries.shape[1]}")
    dots = (queries.astype(np.float32) @ documents.astype(np.float32).T).astype(np.float64)
    return dots / (_norms(queries)[:, None] * _norms(documents)[None, :])


def _norms(vectors: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    norms: npt.NDArray[np.float64] = np.sqrt((vectors.astype(np.int64) ** 2).sum(axis=1).astype(np.float64))
    return norms


def encode(model_folder: Path, texts: Sequence[str], batch_size: int = 64) -> npt.NDArray[np.float32]:
    """Unit sentence embeddings of `texts` by the sentence-transformers model in a local folder, in bfloat16."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_folder), device="cpu", local_files_only=True).bfloat16()
    model.max_seq_length = 256
    encoded = model.encode(
        list(texts), batch_size=batch_size, normalize_embeddings=True, convert_to_tensor=True, show_progress_bar=True
    )
    result: npt.NDArray[np.float32] = encoded.float().numpy()
    return result
