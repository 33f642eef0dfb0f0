"""Floor: semantic matching without training."""

from __future__ import annotations

from functools import partial

from benchmark import PairScorer, System, TrainingView, system


@system("minilm-cosine", family="floor", cite="reimers2019sentencebert")
class MinilmCosine(System):
    """Cosine of all-MiniLM-L6-v2 sentence embeddings, zero-shot."""

    dev_choices = ()

    def fit(self, view: TrainingView) -> PairScorer:
        """The cosine that the first stage computed; nothing is learned."""
        return PairScorer(partial(view.features.scalar, "cosine"))
