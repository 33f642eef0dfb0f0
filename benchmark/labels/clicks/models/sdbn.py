"""The simplified dynamic Bayesian network: a user leaves when satisfied and never gives up, so counting is enough."""

from __future__ import annotations

import numpy as np

from benchmark.labels.clicks.models.chain.counts import chain_counts
from benchmark.labels.clicks.models.dbn import DynamicBayesianNetwork
from benchmark.labels.clicks.models.fitting.events import Events, rest_of
from benchmark.labels.clicks.models.fitting.priors import ESTIMATED, Prior
from benchmark.labels.clicks.pages import PageSource


def fit_sdbn(
    source: PageSource, *, prior: Prior = ESTIMATED, satisfaction_prior: Prior | None = None
) -> DynamicBayesianNetwork:
    """a = clicks / impressions at or above the last click (or on a page without one), s = last clicks / clicks.

    The closed form takes the last click as the one that satisfied. In the likelihood an unsatisfied user may also have
    found nothing below; `fit_dbn(source, perseverance=1.0)` maximises that, and finds lower a and s. `prior` is that
    of attraction; satisfaction gets one of the same strength unless `satisfaction_prior` is given.
    Source: Chapelle & Zhang, WWW 2009 (the simplified model).
    """
    counts = chain_counts(source)
    seen = np.zeros_like(counts.clicks)
    attracted, satisfied = Events(counts.clicks, counts.trials), Events(counts.last, counts.clicks)
    a, da = attracted.posterior(seen, attracted.beta(prior))
    s, ds = satisfied.posterior(seen, satisfied.beta(rest_of(prior, satisfaction_prior)))
    return DynamicBayesianNetwork(a, s, 1.0, da, ds, 0, True)
