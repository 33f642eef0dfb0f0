"""One round of annotation: what it would take, and the round itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmark.errors import BenchmarkError, Interrupted
from benchmark.labels.llm.judges.judge import Judge
from benchmark.labels.llm.judges.replay import ReplayJudge
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.budget import Budget, Spent
from benchmark.labels.llm.runner.estimate import Estimate, estimate
from benchmark.labels.llm.runner.run import Annotation, annotate

TIMED = 2
"""Lists that a judge on this machine is timed on, where the store knows nothing of it."""


@dataclass(frozen=True)
class Round:
    """Which lists are asked about, how, and of whom; `before` are those of earlier rounds, `spent` is of the budget.

    Whatever ends it, an error or an interrupt, what was answered is in the store, and the message says so.
    """

    lists: Sequence[RankedList]
    method: Method
    judge: Judge
    store: ReplyStore
    before: Sequence[RankedList] = ()
    budget: Budget = field(default_factory=Budget)
    spent: Spent = field(default_factory=Spent)

    def estimate(self) -> Estimate:
        """What it would take; a judge on this machine that the store knows nothing of is timed on the first lists."""
        first = self._estimate()
        elsewhere = bool(self.judge.model.served_by) or isinstance(self.judge, ReplayJudge)
        if first.seconds is not None or not first.requests or elsewhere:
            return first
        self._annotate(self.lists[:TIMED])
        return self._estimate()

    def run(self, told: Callable[[Spent], None] | None = None) -> Annotation:
        """See `annotate`."""
        return self._annotate(self.lists, told)

    def _estimate(self) -> Estimate:
        return estimate(self.lists, self.method, self.judge, self.store, self.before, self.spent.failed)

    def _annotate(self, lists: Sequence[RankedList], told: Callable[[Spent], None] | None = None) -> Annotation:
        with _kept(self.store):
            return annotate(
                lists,
                self.method,
                self.judge,
                self.store,
                budget=self.budget,
                spent=self.spent,
                counted=self.before,
                told=told,
            )


@contextmanager
def _kept(store: ReplyStore) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"replies so far are in {store.folder}; the same command goes on") from None
    except BenchmarkError as error:
        raise type(error)(f"{error}; replies so far are in {store.folder}, the same command goes on") from error
