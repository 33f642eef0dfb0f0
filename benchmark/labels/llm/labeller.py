"""Labels from shipped LLM judgments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from benchmark.errors import SystemFault, nearest
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.labels import SHARPENED, check_temperature, list_labels
from benchmark.labels.llm.list_scores import grade_probabilities, list_values, preferences
from benchmark.training.view import TrainingView

STRONGEST = "qwen2.5-coder-1.5b-yes-no"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LlmLabels:
    """Labels [n, L] of a list that sum to 1: the judge's scores s, y_i = exp(s_i / T) / sum_j exp(s_j / T).

    s by the scale of the judgments (see `list_scores`): log-odds of "yes", log-likelihood of the question, expected
    grade, share of selections, minus log rank, log Bradley-Terry strength. Small judges say "yes" to most documents;
    below 1 the temperature T makes up for that (see `SHARPENED`). Raises `ConfigurationError` when it is not positive,
    and labelling `SystemFault` for judgments that do not exist or that the system's family may not see.
    """

    judge: str = STRONGEST
    temperature: float = SHARPENED

    def __post_init__(self) -> None:
        check_temperature(self.temperature)

    def label(self, view: TrainingView) -> Floats:
        """The label of each candidate of each training question; NaN where the judge was not asked."""
        return list_labels(_judgments(self.judge, view), view.qids, view.docnos, self.temperature)

    def provenance(self, view: TrainingView) -> str:
        """Which model, by which method and prompt, and of how many lists."""
        return _provenance(self.judge, view)


@dataclass(frozen=True)
class LlmValues:
    """What a judge said [n, L], on its own scale (see `list_values`): a grade, a mean rank, a share of selections.

    Labelling raises `SystemFault` for judgments that do not exist or that the system's family may not see.
    """

    judge: str

    def label(self, view: TrainingView) -> Floats:
        """The value of each candidate of each training question; NaN where the judge was not asked."""
        return list_values(_judgments(self.judge, view), view.qids, view.docnos)

    def provenance(self, view: TrainingView) -> str:
        """Which model, by which method and prompt, and of how many lists."""
        return _provenance(self.judge, view)


@dataclass(frozen=True)
class LlmGains:
    """Expected gain e [n, L], sum_g P(g) (2^g - 1) / (2^G - 1) over the grades 0 to G, as y_i = m (e_i / m)^(1 / T).

    The gain is that of nDCG (Jarvelin & Kekalainen 2002, in the form of Burges et al., ICML 2005), scaled to [0, 1]; m
    is the greatest of a list, so y is in [0, 1], too, and the best document keeps its gain. Small judges give most
    documents nearly the same gain; below 1 the temperature T makes up for that, as in `LlmLabels`. Raises
    `ConfigurationError` when it is not positive, and labelling for judgments that tell no probabilities of grades;
    `SystemFault` for those that do not exist or that the system's family may not see.
    """

    judge: str
    temperature: float = 1.0

    def __post_init__(self) -> None:
        check_temperature(self.temperature)

    def label(self, view: TrainingView) -> Floats:
        """The expected gain of each candidate of each training question; NaN where the judge was not asked."""
        p = grade_probabilities(_judgments(self.judge, view), view.qids, view.docnos)
        top = p.shape[2] - 1
        gain = p @ ((2.0 ** np.arange(top + 1) - 1) / (2.0**top - 1))
        most = np.nan_to_num(gain).max(axis=1, keepdims=True, initial=np.finfo(np.float64).tiny)
        return np.asarray(most * (gain / most) ** (1 / self.temperature))

    def provenance(self, view: TrainingView) -> str:
        """Which model, by which method and prompt, and of how many lists."""
        return _provenance(self.judge, view)


def llm_grades(view: TrainingView, judge: str, *, confidence: bool = False) -> Floats:
    """w P(grade) [n, L, G + 1] of each candidate, for `GradeLikelihood`; 0 where the judge was not asked.

    The weight w is 1, or with `confidence` 1 - H(P) / log(G + 1): 1 where the judge is certain, 0 where all grades are
    as likely (H is the entropy). Raises `ConfigurationError` for judgments that tell no probabilities of grades,
    `SystemFault` for those that do not exist or that the system's family may not see.
    """
    with view.noting() as note:
        p = grade_probabilities(_judgments(judge, view), view.qids, view.docnos)
        note(_provenance(judge, view))
    if confidence:
        entropy = -(p * np.log(np.maximum(p, 1e-12))).sum(axis=2, keepdims=True)
        p = p * np.clip(1 - entropy / np.log(p.shape[2]), 0, 1)
    return np.nan_to_num(p)


def llm_preferences(view: TrainingView, judge: str, temperature: float = 1.0) -> Floats:
    """[n, L, L, 2] preferences and how often each pair was compared, for `RankNet`; see `preferences`.

    A preference p becomes p^(1 / T) / (p^(1 / T) + (1 - p)^(1 / T)): small judges prefer little, and below 1 the
    temperature T makes up for that. Raises `ConfigurationError` when it is not positive, and for judgments that are no
    preferences; `SystemFault` for those that do not exist or that the system's family may not see.
    """
    check_temperature(temperature)
    with view.noting() as note:
        found = preferences(_judgments(judge, view), view.qids, view.docnos)
        note(_provenance(judge, view))
    p, asked = np.moveaxis(found, -1, 0)
    sharp = expit(logit(p) / temperature)
    return np.stack([np.where(asked > 0, sharp, 0.0), asked], axis=-1)


def _judgments(judge: str, view: TrainingView) -> Judgments:
    if judge not in view.judgments:
        hint = nearest(judge.removesuffix(".parquet"), view.judgments)
        raise SystemFault(
            f"judgments {judge}: none of this name that this family may learn from; {hint} (who sees which: "
            "click-or-llm judgments)"
        )
    return view.judgments[judge]


def judged_lists(judge: str, view: TrainingView) -> int:
    """Of how many training questions `judge` said something."""
    table = _judgments(judge, view).table
    return int(np.isin(view.qids, table["qid"][table["status"] == "ok"].unique().astype(str)).sum())


def _provenance(judge: str, view: TrainingView) -> str:
    made = _judgments(judge, view).metadata
    prompts = ", ".join(f"{name} (sha256 {prompt.sha256[:8]})" for name, prompt in made.prompts.items())
    lists = judged_lists(judge, view)
    return f"LLM judgments: {made.model.name}, {made.method}, prompt {prompts}{made.told}, {lists:,} lists"
