"""Probe: are answers exclusive, so that it speaks against a document to be close to another question?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmark import FeatureStore, PairScorer, System, TrainingView, system

Score = Callable[[npt.NDArray[np.str_], npt.NDArray[np.str_]], npt.NDArray[np.float64]]
TEMPERATURES = (0.01, 0.02, 0.03, 0.05, 0.1)


@system("probe-other-questions", family="probe")
class ProbeOtherQuestions(System):
    """Cosine, set against that of all other questions that list the document; no label is learned from.

    The score is cos(q, d) / T + log P(q | d), P(q | d) = exp(cos(q, d) / T) / sum_q' exp(cos(q', d) / T) over all
    questions q' of the task, scored ones too, that have d in their list (inverted softmax: Smith et al., ICLR 2017).
    High is an artefact.
    """

    dev_choices = ("temperature",)

    def fit(self, view: TrainingView) -> PairScorer:
        """Choose the temperature T; nothing else is learned."""
        dev = view.dev
        qids = np.repeat(dev.qids, dev.docnos.shape[1])
        scores = [_against_others(view.features, temperature) for temperature in TEMPERATURES]
        found = [dev.ndcg(score(qids, dev.docnos.ravel()).reshape(dev.docnos.shape)) for score in scores]
        return PairScorer(scores[int(np.argmax(found))])


def _against_others(features: FeatureStore, temperature: float) -> Score:
    """The score at one temperature; log-sums over questions are of each document once."""
    listed = features.candidates.ravel()
    of_all = np.repeat(features.qids, features.candidates.shape[1])
    cosine = features.scalar("cosine", of_all, features.docnos[listed]).astype(np.float64)
    log_sum = np.log(np.bincount(listed, np.exp(cosine / temperature), len(features.docnos)))

    def score(qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
        document = features.locate(qids, docnos)[1]
        cosine = features.scalar("cosine", qids, docnos).astype(np.float64)
        return np.asarray(2 * cosine / temperature - log_sum[document])

    return score
