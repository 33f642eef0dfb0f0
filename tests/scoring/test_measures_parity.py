"""Measures against ir-measures, given full qrels: relevant documents outside the list are in them."""

from __future__ import annotations

from collections.abc import Iterable

import ir_measures
import numpy as np
import pandas as pd
import pytest
from ir_measures import AP, RR, Qrel, ScoredDoc, nDCG

from benchmark.scoring import ideal_grades, rank_grades, rank_order, score, tiebreaks
from benchmark.scoring.ranked import Floats

Q, L = 60, 20


class Collection:
    """Random graded lists; each query also has up to four judged documents that were not retrieved."""

    def __init__(self, max_grade: int) -> None:
        rng = np.random.default_rng(max_grade)
        self.max_grade = max_grade
        self.qids = [f"{row % 7}-{row}" for row in range(Q)]
        self.docnos = [[f"d{number}" for number in rng.permutation(200)[: L + 4]] for _ in self.qids]
        self.judged = rng.integers(0, max_grade + 1, (Q, L + 4)) * (rng.random((Q, L + 4)) < 0.2)
        self.judged[0] = 0
        # Few different scores: most lists are full of ties.
        self.scores = rng.integers(0, 6, (Q, L)).astype(float)
        retrieved = [row[:L] for row in self.docnos]
        self.order = rank_order(self.scores, tiebreaks(self.qids, retrieved), self.qids)

    def ours(self) -> dict[str, Floats]:
        lists = rank_grades(self.judged[:, :L], self.order, ideal_grades(self.judged.tolist()), self.max_grade)
        return score(lists)

    def reference(self, measures: Iterable[ir_measures.Measure]) -> dict[str, Floats]:
        """Values of ir-measures in one call, which must hold only one map of gains."""
        qrels = [
            Qrel(qid, docno, int(grade))
            for qid, docnos, grades in zip(self.qids, self.docnos, self.judged, strict=True)
            for docno, grade in zip(docnos, grades, strict=True)
        ]
        # The rank is the score: ties are broken before ir-measures sees them.
        run = [
            ScoredDoc(qid, docnos[column], float(-rank))
            for qid, docnos, order in zip(self.qids, self.docnos, self.order, strict=True)
            for rank, column in enumerate(order)
        ]
        found: dict[str, dict[str, float]] = {}
        for metric in ir_measures.iter_calc(list(measures), qrels, run):
            found.setdefault(str(metric.measure), {})[metric.query_id] = metric.value
        return {name: np.array([values[qid] for qid in self.qids]) for name, values in found.items()}


@pytest.fixture(params=[1, 3, 4], ids=lambda grade: f"grades 0-{grade}")
def collection(request: pytest.FixtureRequest) -> Collection:
    return Collection(request.param)


def test_ndcg(collection: Collection) -> None:
    gains = {grade: 2**grade - 1 for grade in range(collection.max_grade + 1)}
    ours = collection.ours()
    theirs = collection.reference([nDCG(gains=gains) @ k for k in (1, 3, 5, 10)])
    assert len(theirs) == 4
    for name, values in theirs.items():
        np.testing.assert_allclose(ours["nDCG@" + name.rpartition("@")[2]], values, rtol=0, atol=1e-9)


def test_rr_and_ap(collection: Collection) -> None:
    ours = collection.ours()
    theirs = collection.reference([RR, AP])
    for name in ("RR", "AP"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-9)


def test_err(collection: Collection) -> None:
    """ir-measures' own ERR cuts qid `1-2` to `2`, so the loop of the paper is run through `define_byquery`."""

    def err(qrels: pd.DataFrame, run: pd.DataFrame) -> float:
        grades = dict(zip(qrels.doc_id, qrels.relevance, strict=True))
        reached, total = 1.0, 0.0
        for rank, docno in enumerate(run.sort_values("score", ascending=False).doc_id[:10], start=1):
            stop = (2 ** grades.get(docno, 0) - 1) / 2**collection.max_grade
            total += reached * stop / rank
            reached *= 1 - stop
        return total

    theirs = collection.reference([ir_measures.define_byquery(err, support_cutoff=False, name="ERR")])
    np.testing.assert_allclose(collection.ours()["ERR@10"], theirs["ERR"], rtol=0, atol=1e-9)
