"""The dynamic Bayesian network click model: attraction makes clicks; satisfaction or giving up ends them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.chain_counts import ChainCounts, chain_counts
from benchmark.labels.clicks.models.chain_fit import fit_chain
from benchmark.labels.clicks.models.chains import ChainModel
from benchmark.labels.clicks.models.events import Events, rest_of
from benchmark.labels.clicks.models.priors import EDGE, ESTIMATED, Prior
from benchmark.labels.clicks.models.suffixes import (
    SuffixTree,
    log_silence,
    reach,
    reach_variance,
    silence,
    suffix_tree,
)
from benchmark.labels.clicks.models.tails import chain_tails
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
    tolerance: float = 1e-8,
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
    tree = suffix_tree(chain_tails(source), source.pair_count)
    size = source.pair_count
    start = np.concatenate([np.full(size, 0.3), np.full(size, 0.5), [perseverance or 0.9]])
    fit = fit_chain(
        lambda at: DbnSeen(counts, tree, at, perseverance),
        start,
        (prior, rest_of(prior, satisfaction_prior)),
        iterations=iterations,
        tolerance=tolerance,
    )
    (a, da), (s, ds) = fit.rates
    return DynamicBayesianNetwork(a, s, float(fit.others[0]), da, ds, fit.iterations, fit.converged)


class DbnSeen:
    """What a log says under parameters [2 P + 1]: a, s and gamma, unless that is `fixed` (see `Seen`)."""

    def __init__(self, counts: ChainCounts, tree: SuffixTree, at: Floats, fixed: float | None) -> None:
        self.counts, self.tree, self.fixed = counts, tree, fixed
        self.a, self.s = np.split(at[:-1], 2)
        self.gamma = float(at[-1]) if fixed is None else fixed
        self.quiet = silence(tree, self.a, self.gamma)
        s = self.s[tree.entry_pair]
        self.likelihood = 1 - self.gamma * (1 - s) * (1 - self.quiet.entry)
        self.satisfied = s / self.likelihood
        self.entered = self.gamma * (1 - s) * self.quiet.entry / self.likelihood
        self.below = reach(tree, self.quiet, self.entered)

    def events(self) -> tuple[Events, Events]:
        """Clicks of examined documents; satisfactions of clicks with a document below."""
        counts = self.counts
        clicked = counts.continued + self.tree.by_pair(np.ones_like(self.satisfied))
        return (
            Events(counts.clicks, counts.clicks + counts.passed + self.below.skipped),
            Events(self.tree.by_pair(self.satisfied), clicked),
        )

    def missing(self) -> tuple[Floats, Floats]:
        """Of attraction: whether documents below the last click were examined; of satisfaction: whether it was."""
        unseen = reach_variance(self.tree, self.quiet, self.entered)
        unsure = self.tree.by_pair(self.satisfied * (1 - self.satisfied))
        return unseen * self.a / (1 - self.a), unsure / (self.s * (1 - self.s))

    def others(self) -> Floats:
        """Gamma: how often a user who was not satisfied went on, where there was another document."""
        if self.fixed is not None:
            return np.array([self.fixed])
        certain = self.counts.passed.sum() + self.counts.continued.sum()
        went = certain + self.below.continued + self.tree.entry_count @ self.entered
        could = certain + self.below.trials + self.tree.entry_count @ (1 - self.satisfied)
        gamma = np.array([went / could if could > 0 else self.gamma], dtype=np.float64)
        return np.clip(gamma, EDGE, 1 - EDGE)

    def log_likelihood(self) -> float:
        """Of clicks and skips down to the last click, of going on from each of them, and of the tails."""
        counts = self.counts
        above = counts.clicks @ np.log(self.a) + counts.passed @ np.log1p(-self.a)
        went = counts.continued @ np.log1p(-self.s)
        went += np.log(self.gamma) * (counts.passed.sum() + counts.continued.sum())
        tails = self.tree.entry_count @ np.log(self.likelihood) + log_silence(self.tree, self.quiet)
        return float(above + went + tails)
