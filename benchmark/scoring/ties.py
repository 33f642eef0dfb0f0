"""From scores to a ranking: ties are broken by a seeded hash of (qid, docno), from which no system can profit.

Tools break ties by the document's name, in different directions: a constant scorer then got nDCG@10 0.63 or 0.97 on the
same data. Here the order of tied documents is the same coin for every system and knows nothing of grade or name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmark.errors import SystemFault
from benchmark.hashing import seeded_hash
from benchmark.scoring.ranked import Floats

TIE_SEED = "ties"
Bools = npt.NDArray[np.bool_]


def tiebreaks(
    qids: Sequence[str], docnos: Sequence[Sequence[str]], seed: int | str = TIE_SEED
) -> npt.NDArray[np.uint64]:
    """`seeded_hash(seed, qid, docno)` [Q, L] of each candidate; 0 after a list's end. Compute it once for a task."""
    width = max(map(len, docnos), default=0)
    hashes = np.zeros((len(qids), width), dtype=np.uint64)
    filled = np.arange(width) < np.array([len(row) for row in docnos], dtype=np.int64)[:, None]
    each = [qid for qid, row in zip(qids, docnos, strict=True) for _ in row]
    hashes[filled] = pair_hashes(each, [docno for row in docnos for docno in row], seed)
    return hashes


def pair_hashes(qids: Sequence[str], docnos: Sequence[str], seed: int | str) -> npt.NDArray[np.uint64]:
    """`seeded_hash(seed, qid, docno)` [m] of pairs."""
    hashes = (seeded_hash(seed, qid, docno) for qid, docno in zip(qids, docnos, strict=True))
    return np.fromiter(hashes, dtype=np.uint64, count=len(qids))


def rank_order(
    scores: Floats, tiebreak: npt.NDArray[np.uint64], qids: Sequence[str], candidates: Bools | None = None
) -> npt.NDArray[np.intp]:
    """Columns [Q, L] from best to worst: by score downwards, then by `tiebreak` upwards.

    `candidates` [Q, L] marks the places that hold a document (all, if not given); the others come last. Raises
    `SystemFault`, naming the query, if a candidate's score is not finite.
    """
    filled = np.ones(scores.shape, dtype=bool) if candidates is None else candidates
    faults = np.argwhere(~np.isfinite(scores) & filled)
    if faults.size:
        row, column = faults[0]
        raise SystemFault(
            f"query {qids[row]!r}: the score of candidate {column} is {scores[row, column]}; "
            "return a finite number for every candidate"
        )
    # NaN is a legal score of a place without a document, but would not be sorted.
    return np.lexsort((tiebreak, np.where(filled, -scores, 0.0), ~filled), axis=-1)


def tie_rate(scores: Floats, candidates: Bools | None = None) -> float:
    """Share of tied pairs: pairs {i, j} of one query with equal scores / all pairs of one query; 0 without pairs."""
    filled = np.ones(scores.shape, dtype=bool) if candidates is None else candidates
    # Places without a document become NaN, which is sorted last and equals nothing.
    ordered = np.sort(np.where(filled, scores, np.nan), axis=1)
    column = np.arange(ordered.shape[1])
    starts = np.ones(ordered.shape, dtype=bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    # A run of n equal scores holds 0 + 1 + ... + (n - 1) tied pairs: the places of its members, counted from its start.
    tied = (column - np.maximum.accumulate(np.where(starts, column, 0), axis=1)).sum()
    lengths = filled.sum(axis=1)
    pairs = (lengths * (lengths - 1) // 2).sum()
    return float(tied / pairs) if pairs else 0.0
