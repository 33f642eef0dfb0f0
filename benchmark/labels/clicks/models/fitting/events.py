"""Successes of trials, some of which are only expected: what they say of rates, and how surely."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.fitting.priors import EDGE, LEAST, MOST, Beta, Prior, estimate_beta

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Events:
    """`successes` [P] in `trials` [P] of one rate r for each pair; where EM filled in what is hidden, expected ones."""

    successes: Floats
    trials: Floats

    def seen(self, missing: Floats) -> Floats:
        """n = trials - missing [P]: what the trials are worth in trials that were really seen.

        The observed information of r is trials / (r (1 - r)), what complete data would give, less the variance of the
        score over what is hidden; `missing` is that variance times r (1 - r). All other parameters are taken as known.
        Source: Louis, Journal of the Royal Statistical Society B 44, 1982.
        """
        return np.maximum(self.trials - missing, 0.0)

    def beta(self, prior: Prior) -> Beta:
        """One prior for all pairs, whatever `prior.groups`; the rest estimated as if all were seen."""
        return estimate_beta(self.successes, self.trials, prior)

    def beta_again(self, missing: Floats, prior: Prior, before: Beta) -> Beta:
        """The same when the events were filled in under the prior `before`, of strength s and mean m.

        A posterior mean r lies about m with variance v n / (n + s), v = m (1 - m) / (s + 1) that of the prior; so the
        new v = sum (r - m)^2 / sum n / (n + s), and m moves by sum (r - m) / sum n / (n + s). Maximum likelihood has no
        s, and what is filled in then owes nothing to a prior.
        """
        if not before.strength:
            return self.beta(prior)
        seen = self.seen(missing)
        known = seen / (seen + before.strength)
        apart = before.posterior_mean(self.successes, self.trials) - before.typical
        total = max(known.sum(), EDGE)
        shift = apart.sum() / total
        mean = float(np.clip(before.typical + shift, EDGE, 1 - EDGE)) if prior.mean is None else prior.mean
        variance = ((apart - known * (mean - before.typical)) ** 2).sum() / total
        strength = float(np.clip(mean * (1 - mean) / max(variance, EDGE) - 1, LEAST, MOST))
        return Beta(np.full(len(seen), mean), strength if prior.strength is None else prior.strength, mean)

    def posterior(self, missing: Floats, beta: Beta) -> tuple[Floats, Floats]:
        """Mean r [P] and standard deviation sqrt(q (1 - q) / (n + s + 1)) [P].

        q is r under a prior of at least one trial: a rate of 0 or 1 that maximum likelihood finds in a few trials is
        not certain.
        """
        cautious = replace(beta, strength=max(beta.strength, 1.0)).posterior_mean(self.successes, self.trials)
        deviation: Floats = np.sqrt(cautious * (1 - cautious) / (self.seen(missing) + beta.strength + 1))
        return beta.posterior_mean(self.successes, self.trials), deviation


def rest_of(prior: Prior, other: Prior | None) -> Prior:
    """The prior of a second kind of rate: `other`, or, where that is not given, one as strong as `prior`."""
    return Prior(strength=prior.strength) if other is None else other
