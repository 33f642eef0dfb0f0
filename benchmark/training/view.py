"""What a system sees when it trains: no test grade, and human grades of training questions only if it declares so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn, Protocol

import numpy as np
import numpy.typing as npt

from benchmark.errors import SystemFault
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.tasks.features import FeatureStore
from benchmark.tasks.task import Questions
from benchmark.training.clicks.pairs import ClickPairs, click_pairs

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments import Judgments

Floats = npt.NDArray[np.float64]


class Labeller(Protocol):
    """Turns training questions into labels [n, L], all at least 0, NaN where a pair has none."""

    def label(self, view: TrainingView) -> Floats:
        """The label of each candidate of each training question."""
        ...

    def provenance(self, view: TrainingView) -> str:
        """Where the labels come from, in a phrase that stands beside the score."""
        ...


@dataclass(frozen=True)
class DevView:
    """The dev questions: their lists, and the numbers that choices may be made by, which a system declares."""

    qids: npt.NDArray[np.str_]
    docnos: npt.NDArray[np.str_]
    ndcg: Callable[[npt.NDArray[np.floating]], float]
    """Mean nDCG@10 over the three strata of scores [n, L]."""
    ndcg_by_stratum: Callable[[npt.NDArray[np.floating]], dict[str, float]]
    """Its three parts, by stratum."""

    def closed(self) -> DevView:
        """The lists without the numbers, for a system that declares no choice: asking for one is a `SystemFault`."""
        return replace(self, ndcg=_undeclared, ndcg_by_stratum=_undeclared)


def _undeclared(scores: npt.NDArray[np.floating]) -> NoReturn:
    raise SystemFault("dev questions are for choices that are declared; name what is chosen by them in dev_choices")


class TrainingView:
    """The training questions (n of them, with lists of L candidates) and everything that may be learned from.

    `qids` [n], `docnos` [n, L]; `frequency` [n]: impressions of each question; `stratum` [n]; `features`; texts by id;
    `seed`: the seed of everything random. Its family may learn from `log`, the clicks on all questions that are not
    scored, and `judgments`, LLM judgments by name, or meets a `SystemFault` there.
    """

    def __init__(
        self,
        training: Questions,
        *,
        log: ImpressionLog | None,
        judgments: Mapping[str, Judgments] | None,
        features: FeatureStore,
        question_text: Mapping[str, str],
        document_text: Mapping[str, str],
        dev: DevView,
        seed: int,
        human: Callable[[], Floats] | None = None,
    ) -> None:
        self.qids = training.qids
        self.docnos = training.docnos
        self.frequency = training.frequency.astype(np.float64)
        self.stratum = training.stratum
        self._log = log
        self._judgments = judgments
        self.features = features
        self.question_text = question_text
        self.document_text = document_text
        self.dev = dev
        self.seed = seed
        self._human = human
        self.provenance: list[str] = []
        self._read: dict[str, None] = {}

    @property
    def log(self) -> ImpressionLog:
        """The clicks on all questions that are not scored; `SystemFault` for a family that may not learn from them."""
        if self._log is None:
            raise SystemFault("this system's family may not learn from clicks; declare family clicks or fusion")
        clicks = "simulated clicks" if self._log.simulated else "clicks"
        self._read[f"{clicks}: {len(self._log):,} impressions, read directly"] = None
        return self._log

    @property
    def judgments(self) -> Mapping[str, Judgments]:
        """LLM judgments by name; `SystemFault` for a family that may not learn from them."""
        if self._judgments is None:
            raise SystemFault("this system's family may not learn from LLM judgments; declare family llm or fusion")
        self._read["LLM judgments: read directly"] = None
        return self._judgments

    def labels(self, labeller: Labeller) -> Floats:
        """The labels [n, L] of a labeller; what it used is noted for the record.

        A labeller of the benchmark tells it by its provenance. What one of a system's own says is noted, too, but what
        it read stays beside it.
        """
        if isinstance(labeller, type):
            raise SystemFault(f"labels of {labeller.__name__}: is a class; write {labeller.__name__}()")
        own = type(labeller).__module__.partition(".")[0] == __name__.partition(".")[0]
        with self.noting() if own else nullcontext():
            labels = labeller.label(self)
            if labels.shape != self.docnos.shape:
                raise SystemFault(f"{labeller}: labels have shape {labels.shape}, the lists {self.docnos.shape}")
            self.note(labeller.provenance(self))
        return labels

    def click_counts(self) -> Floats:
        """Impressions and clicks [n, L, K, 2] of each candidate at each rank, for the training questions.

        All that a position-based objective needs of the log: order within a page is gone, so is the session.
        """
        return np.stack(self._log_of_training("counts by rank").counts(), axis=-1).astype(np.float64)

    def click_pairs(self) -> ClickPairs:
        """How often one candidate was clicked at a rank while another, at another rank of the same page, was not."""
        return click_pairs(self._log_of_training("clicked and unclicked pairs"))

    def click_pages(self) -> ImpressionLog:
        """The impressions of the training questions, page by page; `query` counts in the order of `qids`."""
        return self._log_of_training("pages")

    def _log_of_training(self, used_as: str) -> ImpressionLog:
        """The impressions of the training questions; what is read of them goes into the provenance."""
        with self.noting() as note:
            log = self.log.only(self.qids)
            clicks = "simulated clicks" if log.simulated else "clicks"
            note(f"{clicks}: {len(log):,} of {len(self.log):,} impressions, {used_as}")
        return log

    @contextmanager
    def noting(self) -> Iterator[Callable[[str], None]]:
        """What is read meanwhile is told by the notes that are given, not as read directly."""
        before = dict(self._read)
        try:
            yield self.note
        finally:
            self._read = before

    def learned_from(self) -> list[str]:
        """All that was noted, and what was read without a note."""
        return [*self.provenance, *self._read]

    def note(self, note: str) -> None:
        """Say in the record, once, what a system learned from or did."""
        if note not in self.provenance:
            self.provenance.append(note)

    def human_grades(self) -> Floats:
        """Human grades [n, L] of the training questions, for the skyline and the probes; else `SystemFault`."""
        if self._human is None:
            raise SystemFault(
                "human grades are for scoring; only a system of family skyline or probe may train on them"
            )
        self._read["human grades of training questions: read directly"] = None
        return self._human()
