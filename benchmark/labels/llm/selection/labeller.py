"""Labels of the lists that a strategy would have annotated under a budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.labeller import STRONGEST, LlmLabels, judged_lists
from benchmark.labels.llm.labels import SHARPENED, check_temperature
from benchmark.labels.llm.selection.registry import entry
from benchmark.labels.llm.selection.round_ranker import dev_errors, ranker_of
from benchmark.labels.llm.selection.strategy import select
from benchmark.labels.llm.selection.task_pool import pool_of
from benchmark.training.view import TrainingView

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SelectedLlmLabels:
    """`LlmLabels` [n, L] of the `budget` lists that `strategy` chooses; NaN in all others, as if nobody had been asked.

    Strategies that look at the log need a view that shows it (family fusion). Those that look at a ranker, or at its
    error on dev (a choice that a system declares), choose in two rounds: half of the budget at random, the rest by the
    ranker that was trained on that half. Raises `ConfigurationError` for a strategy that does not exist, a budget that
    is too small for it, and a temperature that is not positive; labelling as `LlmLabels` does.
    """

    strategy: str
    budget: int
    judge: str = STRONGEST
    temperature: float = SHARPENED

    def __post_init__(self) -> None:
        check_temperature(self.temperature)
        least = 2 if entry(self.strategy).by_ranker else 1
        if self.budget < least:
            raise ConfigurationError(
                f"a budget of {self.budget} lists is too small for {self.strategy}; give at least {least}"
            )

    def label(self, view: TrainingView) -> Floats:
        """The labels of the chosen lists."""
        labels = LlmLabels(self.judge, self.temperature).label(view)
        chosen = np.zeros(len(labels), dtype=bool)
        chosen[self.rows(view, labels)] = True
        return np.where(chosen[:, None], labels, np.nan)

    def rows(self, view: TrainingView, labels: Floats) -> npt.NDArray[np.intp]:
        """The chosen lists, among those that the judge was asked about."""
        strategy = entry(self.strategy)
        asked = np.flatnonzero(~np.isnan(labels).all(axis=1))
        if len(asked) <= self.budget:
            return asked
        if not strategy.by_ranker:
            pool = pool_of(self.strategy, view, view.features, view.log if strategy.by_log else None).where(asked)
            return asked[select(self.strategy, pool, self.budget, view.seed)]
        first = asked[
            select("random", pool_of("random", view, view.features).where(asked), self.budget // 2, view.seed)
        ]
        rest = np.setdiff1d(asked, first)
        ranker = ranker_of(view, _only(labels, first))
        scores = ranker.score_lists(view.qids, view.docnos) if "scores" in strategy.needs else None
        error = dev_errors(ranker, view) if "error" in strategy.needs else None
        pool = pool_of(self.strategy, view, view.features, scores=scores, error=error).where(rest)
        second = select(self.strategy, pool, self.budget - len(first), view.seed)
        return np.concatenate([first, rest[second]])

    def provenance(self, view: TrainingView) -> str:
        """Which model, by which method and prompt, and how many of its lists, chosen how."""
        strategy = entry(self.strategy)
        told = LlmLabels(self.judge, self.temperature).provenance(view)
        most = judged_lists(self.judge, view)
        chosen = f"{told}, {min(self.budget, most):,} of them by {self.strategy}"
        if not strategy.by_log:
            return chosen
        log = view.log if "uncertainty" in strategy.needs else view.log.only(view.qids)
        return f"{chosen} of {'simulated clicks' if log.simulated else 'clicks'}: {len(log):,} impressions"


def _only(labels: Floats, rows: npt.NDArray[np.intp]) -> Floats:
    """The labels of `rows`, NaN in all others."""
    known = np.full_like(labels, np.nan)
    known[rows] = labels[rows]
    return known
