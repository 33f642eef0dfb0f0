"""A label-blind first stage: reciprocal rank fusion of BM25 and of the cosine of sentence embeddings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

from benchmark.tasks.embeddings import cosine

BM25_K1, BM25_B = 1.2, 0.75
RRF_K, RRF_DEPTH = 60, 1000


class Bm25:
    """BM25 (k1 1.2, b 0.75; Lucene's idf) over stemmed words without stop words, scores in document order."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._index = bm25s.BM25(k1=BM25_K1, b=BM25_B)
        self._index.index(self._tokens(documents), show_progress=False)

    def _tokens(self, texts: Sequence[str]) -> list[list[str]]:
        tokens: list[list[str]] = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=self._stemmer, show_progress=False, return_ids=False
        )
        return tokens

    def scores(self, queries: Sequence[str]) -> Iterator[npt.NDArray[np.float32]]:
        """For each query in turn, its BM25 score with every document."""
        for tokens in self._tokens(queries):
            known = [token for token in tokens if token in self._index.vocab_dict]
            yield self._index.get_scores(known) if known else np.zeros(self._index.scores["num_docs"], np.float32)


def ranks(scores: npt.NDArray[np.floating], depth: int) -> npt.NDArray[np.int64]:
    """Positions of the `depth` best scores, best first, or of all; ties in the collection's order."""
    depth = min(depth, len(scores))
    threshold = np.partition(scores, -depth)[-depth]
    best = np.flatnonzero(scores >= threshold)
    return best[np.argsort(-scores[best], kind="stable")][:depth]


def fuse(rankings: Sequence[npt.NDArray[np.int64]], documents: int, depth: int) -> npt.NDArray[np.int64]:
    """Reciprocal rank fusion: score(d) = sum over rankings of 1 / (60 + rank), ranks from 1 (Cormack et al., 2009)."""
    fused = np.zeros(documents)
    for ranking in rankings:
        fused[ranking] += 1 / (RRF_K + np.arange(1, len(ranking) + 1))
    return ranks(fused, depth)


def first_stage(
    questions: Sequence[str],
    documents: Sequence[str],
    question_vectors: npt.NDArray[np.int8],
    document_vectors: npt.NDArray[np.int8],
    depth: int = 20,
) -> npt.NDArray[np.int64]:
    """The `depth` best documents [questions, depth] for each question, best first; no label is looked at."""
    lexical = Bm25(documents).scores(questions)
    found = np.empty((len(questions), depth), dtype=np.int64)
    for start in range(0, len(questions), 512):
        block = cosine(question_vectors[start : start + 512], document_vectors)
        for row, semantic in enumerate(block, start):
            found[row] = fuse((ranks(next(lexical), RRF_DEPTH), ranks(semantic, RRF_DEPTH)), len(documents), depth)
    return found
