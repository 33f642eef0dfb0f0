"""Labels from shipped LLM judgments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import SystemFault
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.labels import LabelMethod, list_labels
from benchmark.training.view import TrainingView

STRONGEST = "qwen2.5-coder-1.5b-yes-no"


@dataclass(frozen=True)
class LlmLabels:
    """Labels [n, L] by an LLM: the posterior over the list that exactly one document answers the question.

    Of a yes-no judge y_i is proportional to the odds of "yes" to the power 1 / temperature, of a query likelihood judge
    to exp(log p(q|d) / temperature); both sum to 1 over the list. Small judges say "yes" to most documents; below 1 the
    temperature makes up for that. The default was chosen on the dev questions.
    """

    judge: str = STRONGEST
    temperature: float = 0.7

    def label(self, view: TrainingView) -> npt.NDArray[np.float64]:
        """The label of each candidate of each training question; NaN where the judge was not asked."""
        judgments = self._judgments(view)
        method: LabelMethod = "posterior" if judgments.method == "yes-no" else "likelihood"
        return list_labels(judgments, view.qids, view.docnos, method, self.temperature)

    def provenance(self, view: TrainingView) -> str:
        """Which model, by which prompt."""
        made = self._judgments(view).metadata.provenance
        return f"LLM judgments: {made.model}, prompt {made.prompt.name} (sha256 {made.prompt_sha256[:8]})"

    def _judgments(self, view: TrainingView) -> Judgments:
        if self.judge not in view.judgments:
            known = ", ".join(view.judgments) or "none"
            raise SystemFault(f"judge {self.judge}: no such judgments; the task has {known}")
        return view.judgments[self.judge]
