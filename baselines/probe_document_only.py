"""Probe: can relevance be told from the document alone?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark import (
    Curriculum,
    FeatureStore,
    HumanLabels,
    ListwiseRanker,
    Objective,
    Stage,
    System,
    TrainingView,
    softmax_loss,
    system,
)


@system("probe-document-only", family="probe")
class ProbeDocumentOnly(System):
    """The ranker on the document's embedding alone, trained on human grades: high would mean an artefact."""

    def ranker(self, features: FeatureStore) -> ListwiseRanker:
        """The track's ranker, but nothing of the question is read."""

        def documents(qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
            return features.documents(docnos)

        return ListwiseRanker(documents)

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective."""
        return Curriculum(Stage(Objective(softmax_loss, view.labels(HumanLabels()))))
