"""The click chain model: one relevance decides both the click and whether the user goes on after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain.counts import ChainCounts, chain_counts
from benchmark.labels.clicks.models.chain.forest import Forest, by_pair, forest
from benchmark.labels.clicks.models.chain.model import ChainModel
from benchmark.labels.clicks.models.chain.suffixes import Below, SuffixTree
from benchmark.labels.clicks.models.fitting.event_em import fit_events
from benchmark.labels.clicks.models.fitting.events import Events
from benchmark.labels.clicks.models.fitting.priors import EDGE, ESTIMATED, Prior
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
    source: PageSource, *, prior: Prior = ESTIMATED, iterations: int = 600, tolerance: float = 1e-6
) -> ClickChainModel:
    """Maximise the exact likelihood of a log, times the prior of r, by EM.

    What `prior` leaves open is estimated from the log. Stops when three iterations gain less than `tolerance` of the
    objective. A click counts as a trial of r twice, for itself and for its satisfaction, unless it is on the last
    document of its page. Where all pairs are about equal, tau_2 and tau_3 cannot be told apart.
    """
    counts = chain_counts(source)
    tails = forest(source, counts)
    start = np.append(np.full(source.pair_count, 0.3), [0.9, 0.7, 0.5])

    def see(at: Floats) -> CcmSeen:
        return CcmSeen(counts, tails, at)

    fit = fit_events(see, start, (prior,), iterations=iterations, tolerance=tolerance)
    skip, unsatisfied, satisfied = map(float, fit.others)
    return ClickChainModel(*fit.rates[0], (skip, unsatisfied, satisfied), fit.iterations, fit.converged)


class CcmSeen:
    """What a log says under parameters [P + 3]: r and the three tau (see `Seen`)."""

    def __init__(self, counts: ChainCounts, tails: Forest, at: Floats) -> None:
        self.counts, self.tails, self.r, self.tau = counts, tails, at[:-3], at[-3:]
        self.parts = tails.each(lambda tree, here: CcmTails(tree, self.r[here], self.tau))
        # Of clicks with another click below, the share that satisfied.
        _, unsatisfied, satisfied = self.tau
        self.after_click = unsatisfied * (1 - self.r) + satisfied * self.r
        self.satisfied_above = self.r * satisfied / self.after_click

    def events(self) -> tuple[Events]:
        """Clicks of examined documents and satisfactions of clicks with a document below, taken together."""
        counts = self.counts
        satisfied = by_pair(self.parts, lambda part: part.tree.by_pair(part.satisfied))
        skipped = by_pair(self.parts, lambda part: part.below.skipped)
        successes = counts.clicks + counts.continued * self.satisfied_above + satisfied
        clicked = counts.continued + self.tails.followed
        return (Events(successes, counts.clicks + counts.passed + skipped + clicked),)

    def missing(self) -> tuple[Floats]:
        """Whether documents below the last click were examined, and whether clicks satisfied."""
        unseen = by_pair(self.parts, lambda part: part.below.variance())
        unsure = by_pair(self.parts, lambda part: part.tree.by_pair(part.satisfied * (1 - part.satisfied)))
        unsure += self.counts.continued * self.satisfied_above * (1 - self.satisfied_above)
        return (unseen * self.r / (1 - self.r) + unsure / (self.r * (1 - self.r)),)

    def others(self) -> Floats:
        """The tau: how often users went on after a skip, after a click in vain, after one that satisfied."""
        counts = self.counts
        passed, satisfied = counts.passed.sum(), counts.continued @ self.satisfied_above
        certain = np.array([passed, counts.continued.sum() - satisfied, satisfied])
        total = certain + sum(part.could for part in self.parts)
        went = certain + sum(part.went for part in self.parts)
        return np.clip(np.where(total > 0, went / np.maximum(total, EDGE), self.tau), EDGE, 1 - EDGE)

    def log_likelihood(self) -> float:
        """Of clicks and skips down to the last click, of going on from each of them, and of the tails."""
        counts = self.counts
        above = counts.clicks @ np.log(self.r) + counts.passed @ np.log1p(-self.r)
        went = counts.passed.sum() * np.log(self.tau[0]) + counts.continued @ np.log(self.after_click)
        return float(above + went) + sum(part.log_likelihood for part in self.parts)


class CcmTails:
    """The same of the tails of one range of pairs, whose `r` [p] is given.

    `satisfied` [U]: the chance that the last click satisfied; `could` and `went` [3]: after how many skips, clicks in
    vain and clicks that satisfied there was a document below, and was examined, as expected.
    """

    def __init__(self, tree: SuffixTree, r: Floats, tau: Floats) -> None:
        self.tree = tree
        skip, unsatisfied, satisfied = tau
        entry, pages = r[tree.entry_pair], tree.entry_count
        after = satisfied * entry
        self.below = Below(tree, r, skip, unsatisfied * (1 - entry) + after)
        quiet, likelihood = self.below.quiet, self.below.likelihood
        self.satisfied = entry * (1 - satisfied * (1 - quiet)) / likelihood
        after_satisfied = float(pages @ (after * quiet / likelihood))
        after_unsatisfied = float(pages @ self.below.entered) - after_satisfied
        self.went = np.array([self.below.continued, after_unsatisfied, after_satisfied])
        self.could = np.array([self.below.trials, pages @ (1 - self.satisfied), pages @ self.satisfied])
        self.log_likelihood = self.below.log_likelihood()
