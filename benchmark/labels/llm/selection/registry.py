"""Selection strategies by name; a strategy's module is imported when it is first used."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from benchmark.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from benchmark.labels.llm.judgments.metadata import Chooser
    from benchmark.labels.llm.selection.strategy import Strategy


LOG = frozenset({"clicks", "uncertainty"})
"""Fields of a `Pool` that are read from the click log."""
DEV = frozenset({"error"})
"""Fields of a `Pool` that are read from grades of dev questions."""


@dataclass(frozen=True)
class Entry:
    """Where a strategy is, what it needs of a pool besides frequency and strata, and what it does in a phrase."""

    where: str
    needs: tuple[str, ...]
    description: str

    @property
    def by_ranker(self) -> bool:
        """Whether it looks at a ranker, or at its error on dev."""
        return "scores" in self.needs or "error" in self.needs

    @property
    def by_log(self) -> bool:
        """Whether it looks at the clicks."""
        return not LOG.isdisjoint(self.needs)

    @property
    def reads(self) -> frozenset[Chooser]:
        """What goes into its choice besides the questions and, of one by a ranker, what that learned from."""
        read: dict[Chooser, bool] = {"dev": not DEV.isdisjoint(self.needs), "log": self.by_log}
        return frozenset(one for one, does in read.items() if does)

    def load(self) -> Strategy:
        """The function."""
        module, name = self.where.split(":")
        strategy: Strategy = getattr(import_module(f"benchmark.labels.llm.selection.{module}"), name)
        return strategy


STRATEGIES = {
    "random": Entry("frequency:at_random", (), "questions at random"),
    "tail-first": Entry("frequency:tail_first", (), "rare questions first: clicks say least of them"),
    "head-first": Entry("frequency:head_first", (), "frequent questions first: they are asked most"),
    "click-sparsity": Entry("clicks:click_sparsity", ("clicks",), "lists with the fewest clicks first"),
    "click-uncertainty": Entry("clicks:click_uncertainty", ("uncertainty",), "where a click model is least sure"),
    "ranker-uncertainty": Entry("ranker:ranker_uncertainty", ("scores",), "where the ranker so far is least sure"),
    "dev-error": Entry("ranker:dev_error", ("error",), "strata in proportion to the ranker's error on dev"),
    "diversity": Entry("diversity:diversity", ("vectors",), "one question of each cluster of questions"),
}


def entry(name: str) -> Entry:
    """Strategy `name`; `ConfigurationError` where there is none."""
    if name not in STRATEGIES:
        raise ConfigurationError(f"selection strategy {name!r} does not exist; {nearest(name, STRATEGIES)}")
    return STRATEGIES[name]
