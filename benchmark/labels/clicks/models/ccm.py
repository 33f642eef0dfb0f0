"""The click chain model: one relevance decides both the click and whether the user goes on after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain_counts import ChainCounts, chain_counts
from benchmark.labels.clicks.models.chain_fit import fit_chain
from benchmark.labels.clicks.models.chains import ChainModel
from benchmark.labels.clicks.models.events import Events
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
class ClickChainModel(ChainModel):
    """P(click | examined) = r, the `relevance` [P] of a pair, which is also the chance that a click satisfies.

    The next document is examined with probability tau_1 after a skip, tau_2 after a click that did not satisfy and
    tau_3 after one that did: f = tau_1, g = tau_2 (1 - r) + tau_3 r. `continuation` is (tau_1, tau_2, tau_3).
    The original keeps a posterior of r for each pair; here, as in the library clax, r is a
    number, with a deviation.
    Source: Guo et al., Click Chain Model in Web Search, WWW 2009.
    """

    relevance: Floats
    deviation: Floats
    continuation: tuple[float, float, float]
    iterations: int
    converged: bool

    @property
    def attraction(self) -> Floats:
        """r [P]."""
        return self.relevance

    def chain(self, pages: Pages) -> tuple[Floats, float, Floats]:
        """r, tau_1, and tau_2 (1 - r) + tau_3 r."""
        skip, unsatisfied, satisfied = self.continuation
        r = self.relevance[pages.pair]
        return r, skip, unsatisfied * (1 - r) + satisfied * r


def fit_ccm(
    source: PageSource, *, prior: Prior = ESTIMATED, iterations: int = 600, tolerance: float = 1e-8
) -> ClickChainModel:
    """Maximise the exact likelihood of a log, times the prior of r, by EM.

    What `prior` leaves open is estimated from the log. Stops when three iterations gain less than `tolerance` of the
    objective. A click counts as a trial of r twice, for itself and for its satisfaction, unless it is on the last
    document of its page. Where all pairs are about equal, tau_2 and tau_3 cannot be told apart.
    """
    counts = chain_counts(source)
    tree = suffix_tree(chain_tails(source), source.pair_count)
    start = np.append(np.full(source.pair_count, 0.3), [0.9, 0.7, 0.5])

    def see(at: Floats) -> CcmSeen:
        return CcmSeen(counts, tree, at)

    fit = fit_chain(see, start, (prior,), iterations=iterations, tolerance=tolerance)
    skip, unsatisfied, satisfied = map(float, fit.others)
    return ClickChainModel(*fit.rates[0], (skip, unsatisfied, satisfied), fit.iterations, fit.converged)


class CcmSeen:
    """What a log says under parameters [P + 3]: r and the three tau (see `Seen`)."""

    def __init__(self, counts: ChainCounts, tree: SuffixTree, at: Floats) -> None:
        self.counts, self.tree, self.r, self.tau = counts, tree, at[:-3], at[-3:]
        skip, unsatisfied, satisfied = self.tau
        self.quiet = silence(tree, self.r, skip)
        r, quiet = self.r[tree.entry_pair], self.quiet.entry
        self.likelihood = 1 - (unsatisfied * (1 - r) + satisfied * r) * (1 - quiet)
        self.satisfied = r * (1 - satisfied * (1 - quiet)) / self.likelihood
        self.entered_satisfied = r * satisfied * quiet / self.likelihood
        self.entered_unsatisfied = (1 - r) * unsatisfied * quiet / self.likelihood
        self.entered = self.entered_satisfied + self.entered_unsatisfied
        self.below = reach(tree, self.quiet, self.entered)
        # Of clicks with another click below, the share that satisfied.
        self.after_click = unsatisfied * (1 - self.r) + satisfied * self.r
        self.satisfied_above = self.r * satisfied / self.after_click

    def events(self) -> tuple[Events]:
        """Clicks of examined documents and satisfactions of clicks with a document below, taken together."""
        counts, tree = self.counts, self.tree
        successes = counts.clicks + counts.continued * self.satisfied_above + tree.by_pair(self.satisfied)
        clicked = counts.continued + tree.by_pair(np.ones_like(self.satisfied))
        return (Events(successes, counts.clicks + counts.passed + self.below.skipped + clicked),)

    def missing(self) -> tuple[Floats]:
        """Whether documents below the last click were examined, and whether clicks satisfied."""
        unseen = reach_variance(self.tree, self.quiet, self.entered)
        unsure = self.tree.by_pair(self.satisfied * (1 - self.satisfied))
        unsure += self.counts.continued * self.satisfied_above * (1 - self.satisfied_above)
        return (unseen * self.r / (1 - self.r) + unsure / (self.r * (1 - self.r)),)

    def others(self) -> Floats:
        """The tau: how often users went on after a skip, after a click in vain, after one that satisfied."""
        counts, pages = self.counts, self.tree.entry_count
        passed, satisfied = counts.passed.sum(), counts.continued @ self.satisfied_above
        unsatisfied = counts.continued.sum() - satisfied
        went = np.array([self.below.continued, pages @ self.entered_unsatisfied, pages @ self.entered_satisfied])
        could = np.array([self.below.trials, pages @ (1 - self.satisfied), pages @ self.satisfied])
        certain = np.array([passed, unsatisfied, satisfied])
        total = certain + could
        return np.clip(np.where(total > 0, (certain + went) / np.maximum(total, EDGE), self.tau), EDGE, 1 - EDGE)

    def log_likelihood(self) -> float:
        """Of clicks and skips down to the last click, of going on from each of them, and of the tails."""
        counts = self.counts
        above = counts.clicks @ np.log(self.r) + counts.passed @ np.log1p(-self.r)
        went = counts.passed.sum() * np.log(self.tau[0]) + counts.continued @ np.log(self.after_click)
        tails = self.tree.entry_count @ np.log(self.likelihood) + log_silence(self.tree, self.quiet)
        return float(above + went + tails)
