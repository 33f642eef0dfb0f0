"""The dependent click model: after a click the user goes on with a probability that depends on the rank alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain.counts import ChainCounts, chain_counts, tally
from benchmark.labels.clicks.models.chain.forest import Forest, by_pair, forest
from benchmark.labels.clicks.models.chain.model import ChainModel
from benchmark.labels.clicks.models.chain.suffixes import Below, SuffixTree
from benchmark.labels.clicks.models.fitting.event_em import fit_events
from benchmark.labels.clicks.models.fitting.events import Events
from benchmark.labels.clicks.models.fitting.priors import EDGE, ESTIMATED, Prior
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DependentClickModel(ChainModel):
    """P(click | examined) = a, the `attraction` [P] of a pair; f = 1, and g = lambda_k after a click at rank k.

    `continuation` [K] is lambda. All 0 is the cascade model. The library clax has the same likelihood.
    Source: Guo, Liu & Wang, Efficient Multiple-Click Models in Web Search, WSDM 2009.
    """

    attraction: Floats
    deviation: Floats
    continuation: Floats
    iterations: int
    converged: bool

    @property
    def relevance(self) -> Floats:
        """a [P]."""
        return self.attraction

    def chain(self, pages: Pages) -> tuple[Floats, float, Floats]:
        """a, 1, and lambda."""
        continuation = self.continuation[: pages.pair.shape[1]]
        return self.attraction[pages.pair], 1.0, np.broadcast_to(continuation, pages.pair.shape)


def fit_dcm(
    source: PageSource, *, prior: Prior = ESTIMATED, iterations: int = 600, tolerance: float = 1e-6
) -> DependentClickModel:
    """Maximise the exact likelihood of a log, times the prior of a, by EM.

    After the last click, at rank k, the user had stopped, or went on and skipped all that follows, in the proportions
    1 - lambda_k : lambda_k B, B = prod (1 - a) below. The last rank has no lambda, nor has a rank without a click; they
    get the mean of the others. What `prior` leaves open is estimated from the log. Stops when three iterations gain
    less than `tolerance` of the objective.
    """
    counts = chain_counts(source)
    tails = forest(source, counts)
    start = np.append(np.full(source.pair_count, 0.3), np.full(source.page_size, 0.5))

    def see(at: Floats) -> DcmSeen:
        return DcmSeen(counts, tails, at)

    fit = fit_events(see, start, (prior,), iterations=iterations, tolerance=tolerance)
    return DependentClickModel(*fit.rates[0], fit.others, fit.iterations, fit.converged)


def fit_dcm_closed_form(source: PageSource, *, prior: Prior = ESTIMATED) -> DependentClickModel:
    """The original estimate: the user is taken to stop at the last click, and to read a page without one to its end.

    a = clicks / impressions at or above the last click, lambda_k = clicks at k with another below / clicks at k: the
    maximum of a lower bound of the likelihood. Users who went on and found nothing are not seen, so a comes out too
    high and lambda too low. `continuation` of the last rank is 0.
    """
    counts = chain_counts(source)
    events = Events(counts.clicks, counts.trials)
    a, deviation = events.posterior(np.zeros_like(counts.clicks), events.beta(prior))
    clicks = counts.continued_at + counts.last_at
    return DependentClickModel(a, deviation, counts.continued_at / np.maximum(clicks, 1), 0, True)


class DcmSeen:
    """What a log says under parameters [P + K]: a and lambda (see `Seen`)."""

    def __init__(self, counts: ChainCounts, tails: Forest, at: Floats) -> None:
        self.counts = counts
        self.a, self.continuation = np.split(at, [len(counts.clicks)])
        self.parts = tails.each(lambda tree, here: DcmTails(tree, self.a[here], self.continuation))

    def events(self) -> tuple[Events]:
        """Clicks of examined documents."""
        counts = self.counts
        skipped = by_pair(self.parts, lambda part: part.below.skipped)
        return (Events(counts.clicks, counts.clicks + counts.passed + skipped),)

    def missing(self) -> tuple[Floats]:
        """Whether documents below the last click were examined."""
        return (by_pair(self.parts, lambda part: part.below.variance()) * self.a / (1 - self.a),)

    def others(self) -> Floats:
        """Lambda: how often users went on after a click at each rank, where there was another document."""
        certain = self.counts.continued_at
        went = certain + sum(part.went for part in self.parts)
        could = certain + sum(part.could for part in self.parts)
        mean = went.sum() / could.sum() if could.sum() > 0 else 0.5
        return np.clip(np.where(could > 0, went / np.maximum(could, 1), mean), EDGE, 1 - EDGE)

    def log_likelihood(self) -> float:
        """Of clicks and skips down to the last click, of going on from each click, and of the tails."""
        counts = self.counts
        above = counts.clicks @ np.log(self.a) + counts.passed @ np.log1p(-self.a)
        went = counts.continued_at @ np.log(self.continuation)
        return float(above + went) + sum(part.log_likelihood for part in self.parts)


class DcmTails:
    """The same of the tails of one range of pairs, whose `a` [p] is given.

    `could` [K]: pages by the rank of their last click; `went` [K]: on how many of them the next document was examined,
    as expected.
    """

    def __init__(self, tree: SuffixTree, a: Floats, continuation: Floats) -> None:
        size = len(continuation)
        self.below = Below(tree, a, 1.0, continuation[tree.entry_rank])
        self.went = tally(tree.entry_rank, tree.entry_count * self.below.entered, size)
        self.could = tally(tree.entry_rank, tree.entry_count, size)
        self.log_likelihood = self.below.log_likelihood()
