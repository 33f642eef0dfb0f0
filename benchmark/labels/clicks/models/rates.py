"""Click-through rates as click models: of the whole log, of each rank, of each pair, of each document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.counting.statistics import Statistics, rank_statistics
from benchmark.labels.clicks.models.fitting.priors import EDGE, ESTIMATED, Beta, Prior, estimate_beta
from benchmark.labels.clicks.models.fitting.probabilities import of_pairs, within
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RankRate:
    """P(click) = rho_k, the click rate of rank k, whatever the document is; `rate` rho [K].

    The same for every rank, it is the global click-through rate. It tells no pair from another: `relevance` is the rate
    of the log for all of them, `deviation` the standard deviation of that rate. Source: Chuklin et al., 2015, section
    3.2.
    """

    rate: Floats
    relevance: Floats
    deviation: Floats
    log_likelihood: float

    def conditional(self, pages: Pages) -> Floats:
        """rho_k [I, K]."""
        return self.marginal(pages)

    def marginal(self, pages: Pages) -> Floats:
        """rho_k [I, K]."""
        return within(np.broadcast_to(self.rate[: pages.pair.shape[1]], pages.pair.shape), pages)


@dataclass(frozen=True, eq=False)
class PairRate:
    """P(click) = rho_qd at every rank: (c + s m) / (n + s), clicks c of n impressions; `relevance` rho [P].

    `deviation` [P] is that of the Beta posterior. Source: Chuklin et al., 2015, section 3.2 (document-based CTR).
    """

    relevance: Floats
    deviation: Floats
    prior: Beta
    log_likelihood: float

    def conditional(self, pages: Pages) -> Floats:
        """rho_qd [I, K]."""
        return self.marginal(pages)

    def marginal(self, pages: Pages) -> Floats:
        """rho_qd [I, K]."""
        return within(of_pairs(self.relevance, pages), pages)


def fit_global_rate(source: PageSource | Statistics) -> RankRate:
    """rho = clicks / impressions of documents, at every rank."""
    statistics = _rank_statistics(source)
    shown, clicked = np.full(statistics.contexts, statistics.impressions.sum()), statistics.clicks.sum()
    return _rank_rate(statistics, shown, np.full(statistics.contexts, clicked))


def fit_rank_rate(source: PageSource | Statistics) -> RankRate:
    """rho_k = clicks / impressions at rank k; a rank that was never shown has the rate of the log."""
    statistics = _rank_statistics(source)
    return _rank_rate(
        statistics, statistics.by_context(statistics.impressions), statistics.by_context(statistics.clicks)
    )


def fit_pair_rate(
    source: PageSource | Statistics,
    *,
    prior: Prior = ESTIMATED,
    document: npt.NDArray[np.integer] | None = None,
) -> PairRate:
    """rho_qd of each pair; with `document` [P], the number of each pair's document, rho_d over all queries instead."""
    statistics = _rank_statistics(source)
    pairs = statistics.pairs
    shown, clicked = statistics.by_pair(statistics.impressions), statistics.by_pair(statistics.clicks)
    if document is not None:
        count = int(document.max()) + 1
        shown = np.bincount(document[pairs], shown, count).astype(np.float64)
        clicked = np.bincount(document[pairs], clicked, count).astype(np.float64)
    seen = shown > 0
    beta = estimate_beta(clicked[seen], shown[seen], prior)
    rate, deviation = np.full(len(shown), beta.typical), np.full(len(shown), beta.deviation)
    rate[seen] = beta.posterior_mean(clicked[seen], shown[seen])
    deviation[seen] = beta.posterior_deviation(clicked[seen], shown[seen])
    if document is not None:
        mean, spread = rate[document], deviation[document]
    else:
        mean = statistics.everywhere(rate, beta.typical)
        spread = statistics.everywhere(deviation, beta.deviation)
    each = np.clip(mean[statistics.pair], EDGE, 1 - EDGE)
    return PairRate(mean, spread, beta, _log_likelihood(statistics, each))


def _rank_rate(statistics: Statistics, shown: npt.NDArray[np.number], clicked: npt.NDArray[np.number]) -> RankRate:
    trials, successes = int(statistics.impressions.sum()), int(statistics.clicks.sum())
    overall = float(np.clip(successes / trials if trials else 0.5, EDGE, 1 - EDGE))
    rate = np.clip(np.where(shown > 0, clicked / np.maximum(shown, 1), overall), EDGE, 1 - EDGE)
    everyone = np.full(statistics.pair_count, overall)
    deviation = np.full(statistics.pair_count, np.sqrt(overall * (1 - overall) / (trials + 1)))
    return RankRate(rate, everyone, deviation, _log_likelihood(statistics, rate[statistics.context]))


def _log_likelihood(statistics: Statistics, rate: Floats) -> float:
    """sum over cells of c log r + (n - c) log(1 - r); `rate` r [N]."""
    missed = statistics.impressions - statistics.clicks
    return float(statistics.clicks @ np.log(rate) + missed @ np.log1p(-rate))


def _rank_statistics(source: PageSource | Statistics) -> Statistics:
    return source if isinstance(source, Statistics) else rank_statistics(source)
