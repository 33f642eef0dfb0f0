"""EM for chain models whose priors are learned from the same log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from benchmark.labels.clicks.models.fitting.events import Events
from benchmark.labels.clicks.models.fitting.priors import EDGE, LEAST, MOST, Beta, Prior
from benchmark.labels.clicks.models.fitting.squarem import squarem

Floats = npt.NDArray[np.float64]
Betas = tuple[Beta, ...]


ROUND = 6
"""Applications of EM between two estimates of the priors: two cycles of the acceleration."""


class Seen(Protocol):
    """What a log says under parameters [R P + O]: R rates of each of the P pairs, then O others."""

    def events(self) -> tuple[Events, ...]:
        """Successes and trials of each of the R rates."""
        ...

    def missing(self) -> tuple[Floats, ...]:
        """How many of these trials were not really seen (see `Events.seen`), R times [P]."""
        ...

    def others(self) -> Floats:
        """Better values of the O others: their expected successes by their expected trials."""
        ...

    def log_likelihood(self) -> float:
        """Of the whole log, exact."""
        ...


@dataclass(frozen=True)
class Fit:
    """`rates`: mean and standard deviation [P] of each of the R rates, under `priors`; `others` [O].

    `iterations`: applications of EM; `trace`: the objective before each cycle of the last round.
    """

    rates: tuple[tuple[Floats, Floats], ...]
    others: Floats
    priors: Betas
    iterations: int
    converged: bool
    trace: tuple[float, ...]


def fit_events(
    see: Callable[[Floats], Seen],
    start: Floats,
    priors: tuple[Prior, ...],
    *,
    iterations: int,
    tolerance: float,
) -> Fit:
    """Alternate rounds of accelerated EM with new estimates of the priors, until neither moves.

    EM climbs the log-likelihood plus the log density of the rates, on the logits of all parameters, where an
    extrapolation cannot leave the interval. Rounds are short: there is no use in a maximum under a prior that is about
    to change. Estimates of a prior approach their limit by a steady factor, so three of them tell where it is (see
    `_limit`). `start` [R P + O] has a value for every parameter.
    """

    def estimate(seen: Seen, before: Betas | None) -> Betas:
        if before is None:
            return tuple(events.beta(prior) for events, prior in zip(seen.events(), priors, strict=True))
        each = zip(seen.events(), seen.missing(), priors, before, strict=True)
        return tuple(events.beta_again(missing, prior, beta) for events, missing, prior, beta in each)

    x, used, budget = _logit(start), 0, ROUND
    betas = estimate(see(_expit(x)), None)
    history: list[Betas] = []
    while True:
        climb = _Climb(see, betas)
        result = squarem(climb, x, iterations=min(budget, iterations - used), tolerance=tolerance)
        x, used = result.parameters, used + result.iterations
        seen = see(_expit(x))
        again = estimate(seen, betas)
        same = all(map(_close, betas, again))
        if (same and result.converged) or used + 3 > iterations:
            break
        if same:
            budget = iterations
            continue
        history.append(again)
        betas, budget = again, ROUND
        if len(history) == 3:
            betas = tuple(map(_limit, *history))
            history.clear()
    each = zip(seen.events(), seen.missing(), betas, strict=True)
    rates = tuple(events.posterior(missing, beta) for events, missing, beta in each)
    return Fit(rates, seen.others(), betas, used, same and result.converged, result.trace)


@dataclass(frozen=True)
class _Climb:
    """One application of EM under fixed priors: logits to better logits, and the objective of those given."""

    see: Callable[[Floats], Seen]
    betas: Betas

    def __call__(self, x: Floats) -> tuple[Floats, float]:
        at = _expit(x)
        seen = self.see(at)
        objective = seen.log_likelihood()
        better = []
        for place, (events, beta) in enumerate(zip(seen.events(), self.betas, strict=True)):
            size = len(events.trials)
            objective += beta.log_density(at[place * size : (place + 1) * size])
            better.append(beta.posterior_mean(events.successes, events.trials))
        return _logit(np.concatenate([*better, seen.others()])), objective


def _limit(first: Beta, second: Beta, third: Beta) -> Beta:
    """Where the strengths s_1, s_2, s_3 of a prior lead if each step is a fixed share of the one before.

    Aitken's process on the logarithms: s_3 (s_3 / s_2)^(r / (1 - r)), r = log(s_3 / s_2) / log(s_2 / s_1); s_3 where r
    is not between 0 and 0.9. The mean moves little and stays.
    """
    if min(first.strength, second.strength, third.strength) <= 0:
        return third
    one, two = np.log(second.strength / first.strength), np.log(third.strength / second.strength)
    share = two / one if one else 0.0
    if not 0 < share < 0.9:
        return third
    return replace(third, strength=float(np.clip(third.strength * np.exp(two * share / (1 - share)), LEAST, MOST)))


def _expit(x: Floats) -> Floats:
    return np.clip(expit(x), EDGE, 1 - EDGE)


def _logit(p: Floats) -> Floats:
    return np.asarray(logit(np.clip(p, EDGE, 1 - EDGE)))


def _close(one: Beta, other: Beta) -> bool:
    """Equal to 1 % in mean and in strength: far less than either is known."""
    mean, strength = abs(one.typical - other.typical), abs(one.strength - other.strength)
    return mean <= 0.01 * one.typical and strength <= 0.01 * one.strength
