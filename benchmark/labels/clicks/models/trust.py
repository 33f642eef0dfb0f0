"""The trust bias model: users also click because a document stands high, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain.counts import tally
from benchmark.labels.clicks.models.counting.statistics import Statistics, rank_statistics
from benchmark.labels.clicks.models.fitting.event_em import fit_events
from benchmark.labels.clicks.models.fitting.events import Events
from benchmark.labels.clicks.models.fitting.priors import EDGE, ESTIMATED, Prior
from benchmark.labels.clicks.models.fitting.probabilities import of_pairs, within
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrustBiasModel:
    """P(click on d for q at rank k) = u_k r + v_k (1 - r): clicks on relevant and on irrelevant documents.

    `relevant` u and `irrelevant` v [K]: theta_k eps+_k and theta_k eps-_k, examination times trust. Clicks tell r
    (`relevance` [P], with its posterior `deviation`) only up to an affine map r -> a r + b, which changes no order;
    here u_1 = 1 and v_K = 0. Source: Agarwal et al., Addressing Trust Bias for Unbiased Learning-to-Rank, WWW 2019;
    that it is affine: Vardasbi, Oosterhuis & de Rijke, CIKM 2020.
    """

    relevant: Floats
    irrelevant: Floats
    relevance: Floats
    deviation: Floats
    iterations: int
    converged: bool

    @property
    def slope(self) -> Floats:
        """u - v [K]: how much clicks rise with relevance."""
        return self.relevant - self.irrelevant

    def conditional(self, pages: Pages) -> Floats:
        """The marginal [I, K]: what was clicked above does not matter."""
        return self.marginal(pages)

    def marginal(self, pages: Pages) -> Floats:
        """u_k r + v_k (1 - r) [I, K]."""
        size = pages.pair.shape[1]
        return within(of_pairs(self.relevance, pages) * self.slope[:size] + self.irrelevant[:size], pages)


def fit_trust(
    source: PageSource | Statistics, *, prior: Prior = ESTIMATED, iterations: int = 10_000, tolerance: float = 1e-10
) -> TrustBiasModel:
    """Fit to a log, or to its `rank_statistics`, by expectation maximisation.

    E: an impression was relevant with probability r u / (r u + (1 - r) v) if clicked, else r (1 - u) over the sum. M: u
    and v are click rates of relevant and irrelevant impressions, r the mean posterior of a pair under its prior, whose
    open parts are estimated with it. As with EM for a position-based model, pairs with few impressions flatten u.
    """
    statistics = source if isinstance(source, Statistics) else rank_statistics(source)
    rate = statistics.by_context(statistics.clicks) / np.maximum(statistics.by_context(statistics.impressions), 1)
    rate = np.clip(rate / max(float(rate[0]), EDGE), 0.01, 0.9)
    start = np.concatenate([np.full(statistics.pair_count, 0.3), rate[1:], rate[:-1] / 10])
    fit = fit_events(lambda at: TrustSeen(statistics, at), start, (prior,), iterations=iterations, tolerance=tolerance)
    relevance, deviation = fit.rates[0]
    return TrustBiasModel(*_by_rank(fit.others), relevance, deviation, fit.iterations, fit.converged)


class TrustSeen:
    """What a log says under parameters [P + 2 (K - 1)]: r, u_2 .. u_K and v_1 .. v_{K-1} (see `event_em.Seen`)."""

    def __init__(self, statistics: Statistics, at: Floats) -> None:
        self.statistics, self.r = statistics, at[: statistics.pair_count]
        self.u, self.v = _by_rank(at[statistics.pair_count :])
        self.shown, self.clicked = statistics.impressions, statistics.clicks
        r, u, v = self.r[statistics.pair], self.u[statistics.context], self.v[statistics.context]
        self.p: Floats = np.clip(v + (u - v) * r, EDGE, 1 - EDGE)
        self.relevant_clicks = self.clicked * r * u / self.p
        self.relevant = self.relevant_clicks + (self.shown - self.clicked) * r * (1 - u) / (1 - self.p)

    def events(self) -> tuple[Events]:
        """Relevant impressions of each pair."""
        return (Events(self._of_pairs(self.relevant), self._of_pairs(self.shown)),)

    def missing(self) -> tuple[Floats]:
        """n - sum_k n_k (u_k - v_k)^2 r (1 - r) / (p (1 - p)): trials less what clicks say of r, as expected."""
        statistics = self.statistics
        r, slope = self.r[statistics.pair], (self.u - self.v)[statistics.context]
        seen = self.shown * slope**2 * r * (1 - r) / (self.p * (1 - self.p))
        return (self._of_pairs(self.shown - seen),)

    def others(self) -> Floats:
        """Click rates of relevant impressions from rank 2 on, and of irrelevant ones but at the last."""
        by_rank = self.statistics.by_context
        relevant = by_rank(self.relevant)
        u = by_rank(self.relevant_clicks) / np.maximum(relevant, EDGE)
        v = by_rank(self.clicked - self.relevant_clicks) / np.maximum(by_rank(self.shown) - relevant, EDGE)
        return np.asarray(np.clip(np.concatenate([u[1:], v[:-1]]), EDGE, 1 - EDGE))

    def log_likelihood(self) -> float:
        """sum over cells of c log p + (n - c) log(1 - p)."""
        won = self.clicked @ np.log(self.p)
        return float(won + (self.shown - self.clicked) @ np.log1p(-self.p))

    def _of_pairs(self, values: npt.NDArray[np.number]) -> Floats:
        return tally(self.statistics.pair, values, self.statistics.pair_count)


def _by_rank(others: Floats) -> tuple[Floats, Floats]:
    """u [K] and v [K] with u_1 = 1 and v_K = 0."""
    relevant, irrelevant = np.split(others, 2)
    return np.append(1 - EDGE, relevant), np.append(irrelevant, EDGE)
