"""The dynamic Bayesian network click model: attraction makes clicks; satisfaction or giving up ends them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.chain.counts import ChainCounts, chain_counts
from benchmark.labels.clicks.models.chain.forest import Forest, by_pair, forest
from benchmark.labels.clicks.models.chain.model import ChainModel
from benchmark.labels.clicks.models.chain.suffixes import Below, SuffixTree
from benchmark.labels.clicks.models.fitting.event_em import fit_events
from benchmark.labels.clicks.models.fitting.events import Events, rest_of
from benchmark.labels.clicks.models.fitting.priors import EDGE, ESTIMATED, Prior
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DynamicBayesianNetwork(ChainModel):
    """P(click | examined) = a, the `attraction` [P] of a pair; P(satisfied | click) = s, its `satisfaction` [P].

    A satisfied user leaves; any other examines the next document with probability gamma (`perseverance`): below a skip
    f = gamma, below a click g = gamma (1 - s). gamma = 1 is the simplified model, SDBN. The library clax has the same
    likelihood for both.
    Source: Chapelle & Zhang, WWW 2009.
    """

    attraction: Floats
    satisfaction: Floats
    perseverance: float
    attraction_deviation: Floats
    satisfaction_deviation: Floats
    iterations: int
    converged: bool

    @property
    def relevance(self) -> Floats:
        """a s [P]: the chance that an examined document is clicked and satisfies."""
        return self.attraction * self.satisfaction

    @property
    def deviation(self) -> Floats:
        """Posterior sd of a s [P]: sqrt(s^2 da^2 + a^2 ds^2 + da^2 ds^2), a and s learned from different events."""
        da, ds = self.attraction_deviation, self.satisfaction_deviation
        spread: Floats = np.sqrt((self.satisfaction * da) ** 2 + (self.attraction * ds) ** 2 + (da * ds) ** 2)
        return spread

    def chain(self, pages: Pages) -> tuple[Floats, float, Floats]:
        """a, gamma, and gamma (1 - s)."""
        return self.attraction[pages.pair], self.perseverance, self.perseverance * (1 - self.satisfaction)[pages.pair]


def fit_dbn(
    source: PageSource,
    *,
    perseverance: float | None = None,
    prior: Prior = ESTIMATED,
    satisfaction_prior: Prior | None = None,
    iterations: int = 600,
    tolerance: float = 1e-6,
) -> DynamicBayesianNetwork:
    """Maximise the exact likelihood of a log, times the priors of a and of s, by EM.

    `perseverance` fixes gamma; 1 is SDBN with the exact likelihood (`fit_sdbn` has the usual closed form). `prior` is
    that of attraction; satisfaction gets one of the same strength unless `satisfaction_prior` is given; what they leave
    open is estimated from the log. Stops when three iterations gain less than `tolerance` of the objective.

    Up to the last click everything but satisfaction is seen. Below it, with B the chance of no further click once the
    next document is examined, a user was satisfied, gave up, or went on in the proportions
    s : (1 - s)(1 - gamma) : (1 - s) gamma B. A click on the last document of a page says nothing of satisfaction.
    Raises `ConfigurationError` if `perseverance` is not in (0, 1].
    """
    if perseverance is not None and not 0 < perseverance <= 1:
        raise ConfigurationError(f"perseverance {perseverance} is not in (0, 1]: give a probability, or None to fit it")
    counts = chain_counts(source)
    tails = forest(source, counts)
    size = source.pair_count
    start = np.concatenate([np.full(size, 0.3), np.full(size, 0.5), [perseverance or 0.9]])
    fit = fit_events(
        lambda at: DbnSeen(counts, tails, at, perseverance),
        start,
        (prior, rest_of(prior, satisfaction_prior)),
        iterations=iterations,
        tolerance=tolerance,
    )
    (a, da), (s, ds) = fit.rates
    return DynamicBayesianNetwork(a, s, float(fit.others[0]), da, ds, fit.iterations, fit.converged)


class DbnSeen:
    """What a log says under parameters [2 P + 1]: a, s and gamma, unless that is `fixed` (see `Seen`)."""

    def __init__(self, counts: ChainCounts, tails: Forest, at: Floats, fixed: float | None) -> None:
        self.counts, self.tails, self.fixed = counts, tails, fixed
        self.a, self.s = np.split(at[:-1], 2)
        self.gamma = float(at[-1]) if fixed is None else fixed
        self.parts = tails.each(lambda tree, here: DbnTails(tree, self.a[here], self.s[here], self.gamma))

    def events(self) -> tuple[Events, Events]:
        """Clicks of examined documents; satisfactions of clicks with a document below."""
        counts = self.counts
        skipped = by_pair(self.parts, lambda part: part.below.skipped)
        satisfied = by_pair(self.parts, lambda part: part.tree.by_pair(part.satisfied))
        return (
            Events(counts.clicks, counts.clicks + counts.passed + skipped),
            Events(satisfied, counts.continued + self.tails.followed),
        )

    def missing(self) -> tuple[Floats, Floats]:
        """Of attraction: whether documents below the last click were examined; of satisfaction: whether it was."""
        unseen = by_pair(self.parts, lambda part: part.below.variance())
        unsure = by_pair(self.parts, lambda part: part.tree.by_pair(part.satisfied * (1 - part.satisfied)))
        return unseen * self.a / (1 - self.a), unsure / (self.s * (1 - self.s))

    def others(self) -> Floats:
        """Gamma: how often a user who was not satisfied went on, where there was another document."""
        if self.fixed is not None:
            return np.array([self.fixed])
        certain = self.counts.passed.sum() + self.counts.continued.sum()
        went = certain + sum(part.below.continued + part.went for part in self.parts)
        could = certain + sum(part.below.trials + part.could for part in self.parts)
        gamma = np.array([went / could if could > 0 else self.gamma], dtype=np.float64)
        return np.clip(gamma, EDGE, 1 - EDGE)

    def log_likelihood(self) -> float:
        """Of clicks and skips down to the last click, of going on from each of them, and of the tails."""
        counts = self.counts
        above = counts.clicks @ np.log(self.a) + counts.passed @ np.log1p(-self.a)
        went = counts.continued @ np.log1p(-self.s)
        went += np.log(self.gamma) * (counts.passed.sum() + counts.continued.sum())
        return float(above + went) + sum(part.log_likelihood for part in self.parts)


class DbnTails:
    """The same of the tails of one range of pairs, whose `a` and `s` [p] are given.

    `satisfied` [U]: the chance that the last click satisfied; of the others, `could` is how many users were not, and
    `went` how many of these examined the next document, in expected pages.
    """

    def __init__(self, tree: SuffixTree, a: Floats, s: Floats, gamma: float) -> None:
        self.tree = tree
        entry = s[tree.entry_pair]
        self.below = Below(tree, a, gamma, gamma * (1 - entry))
        self.satisfied = entry / self.below.likelihood
        self.went = float(tree.entry_count @ self.below.entered)
        self.could = float(tree.entry_count @ (1 - self.satisfied))
        self.log_likelihood = self.below.log_likelihood()
