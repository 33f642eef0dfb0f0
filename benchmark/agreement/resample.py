"""Intervals: queries are drawn with replacement within their stratum, whole lists at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from benchmark.agreement.arrays import Bools, Floats, ratio
from benchmark.statistics.intervals import DRAWS, FEWEST, percentile
from benchmark.tasks.strata import STRATA

ALL = "all"
Value = Callable[[Floats], Floats]


class Estimate(NamedTuple):
    """A number, its 95 % interval (NaN where it has none), and how many queries it is of."""

    value: float
    low: float
    high: float
    queries: int


class Statistic(Protocol):
    """A number of a set of queries, each of which may be in it any number of times."""

    @property
    def contributes(self) -> Bools:
        """Whether a query [Q] says anything about the number."""
        ...

    def at(self, counts: Floats) -> Floats:
        """The number [B] of each set; `counts` [B, Q] is how often a query is in it."""
        ...


@dataclass(frozen=True)
class Summed:
    """f(sum of the queries' sums): `sums` [Q, ...], `value` from [B, ...] to [B]."""

    sums: Floats
    value: Value
    contributes: Bools

    def at(self, counts: Floats) -> Floats:
        """See `Statistic`."""
        flat = counts @ self.sums.reshape(len(self.sums), -1)
        return self.value(flat.reshape(len(counts), *self.sums.shape[1:]))


@dataclass(frozen=True)
class Computed:
    """A number that is no function of sums: `value` from counts [B, Q] to [B]."""

    value: Value
    contributes: Bools

    def at(self, counts: Floats) -> Floats:
        """See `Statistic`."""
        return self.value(counts)


def mean_of(values: Floats) -> Summed:
    """The mean over queries of values [Q]; NaN does not count."""
    known = ~np.isnan(values)
    sums = np.stack([np.where(known, values, 0.0), known.astype(np.float64)], axis=1)
    return Summed(sums, quotient, known)


def quotient(sums: Floats) -> Floats:
    """The first of sums [..., 2] / the second."""
    return ratio(sums[..., 0], sums[..., 1])


class _Drawn(NamedTuple):
    """A number, what it is in each resample [B] (NaN where it cannot be told), and how many queries it is of."""

    value: float
    resampled: Floats
    queries: int

    def estimate(self) -> Estimate:
        none = self.queries < FEWEST or np.isnan(self.resampled).all()
        bounds = (np.nan, np.nan) if none else percentile(self.resampled)
        return Estimate(self.value, *bounds, self.queries)


def _mean(parts: list[_Drawn]) -> _Drawn:
    """The mean of the numbers that there are."""
    told = [part for part in parts if not np.isnan(part.value)] or parts
    return _Drawn(
        float(np.mean([part.value for part in told])),
        np.mean([part.resampled for part in told], axis=0),
        sum(part.queries for part in told),
    )


class Resamples:
    """B resamples of Q queries, n_g of each stratum g with replacement, drawn once; equal seeds draw alike."""

    def __init__(self, stratum: npt.NDArray[np.str_], *, draws: int = DRAWS, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.stratum = stratum
        self._counts = np.zeros((draws, len(stratum)), dtype=np.int16)  # small, since many are kept
        for name in np.unique(stratum):
            members = np.flatnonzero(stratum == name)
            self._counts[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), draws)

    def groups(self) -> dict[str, Bools]:
        """Which queries [Q] are in it: all, and each stratum of frequency, where there are any."""
        found = {ALL: np.ones(len(self.stratum), dtype=bool)}
        return found | {name: self.stratum == name for name in STRATA if (self.stratum == name).any()}

    def estimate(self, statistic: Statistic, group: Bools | None = None) -> Estimate:
        """The number of the queries of `group` [Q] (all) and its percentile interval.

        A resample without a number is left out; fewer than `FEWEST` queries that contribute have no interval.
        """
        return self._drawn(statistic, group).estimate()

    def by_stratum(self, statistic: Statistic) -> dict[str, Estimate]:
        """The number of each stratum of frequency, and before them `ALL`: the mean over the strata that have a number.

        So strata weigh alike, however many queries of each there are. `ALL` has an interval where each of these strata
        has two queries and all have `FEWEST`, and is the number of all queries where none belongs to a stratum.
        """
        groups = self.groups()
        del groups[ALL]
        if not groups:
            return {ALL: self.estimate(statistic)}
        drawn = {name: self._drawn(statistic, members) for name, members in groups.items()}
        return {ALL: _mean(list(drawn.values())).estimate()} | {name: one.estimate() for name, one in drawn.items()}

    def _drawn(self, statistic: Statistic, group: Bools | None) -> _Drawn:
        kept = statistic.contributes if group is None else statistic.contributes & group
        queries = int(kept.sum())
        value = float(statistic.at(kept[None].astype(np.float64))[0]) if queries else np.nan
        if queries < 2 or np.isnan(value):
            return _Drawn(value, np.full(len(self._counts), np.nan), queries)
        return _Drawn(value, statistic.at((self._counts * kept).astype(np.float64)), queries)
