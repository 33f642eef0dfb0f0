"""Floor: lexical matching."""

from __future__ import annotations

from functools import partial

from benchmark import PairScorer, System, TrainingView, system


@system("bm25", family="floor", cite="robertson1994okapi")
class Bm25(System):
    """BM25 (k1 1.2, b 0.75) over all documents; also the production ranker of the simulated log."""

    dev_choices = ()

    def fit(self, view: TrainingView) -> PairScorer:
        """The score that the first stage computed; nothing is learned."""
        return PairScorer(partial(view.features.scalar, "bm25"))
