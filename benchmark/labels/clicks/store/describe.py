"""What a log is like: traffic by query, clicks by rank, strata; read once, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict
from scipy.special import ndtri

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.pages import Pages
from benchmark.labels.clicks.store.dwell import DwellSummary, summarise_dwell
from benchmark.labels.clicks.store.lists import Ints
from benchmark.labels.clicks.store.reader import LogStore
from benchmark.tasks.strata import STRATA, cut_by_traffic

SHARES = (0.5, 0.9)
"""Cumulative shares of the traffic at which strata are cut, unless others are declared."""

Floats = npt.NDArray[np.float64]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FrequencyBin(_Model):
    """Queries with at least `fewest` and at most `most` impressions."""

    fewest: int
    most: int
    queries: int
    impressions: int


class RankRate(_Model):
    """Click-through rate at a rank with its 95 % Wilson interval."""

    rank: int
    shown: int
    clicked: int
    rate: float
    low: float
    high: float


class Stratum(_Model):
    """A frequency stratum by the rule of `cut_by_traffic`."""

    name: str
    queries: int
    impressions: int
    most_impressions: int
    fewest_impressions: int


class Description(_Model):
    """A log in numbers. `clicks_per_impression` is a mean, `clicks` counts the impressions with 0, 1, ... clicks."""

    log: str
    simulated: bool
    impressions: int
    queries: int
    pairs: int
    pairs_shown: int
    documents: int | None
    page_size: int
    share_without_click: float
    clicks_per_impression: float
    clicks: list[int]
    by_rank: list[RankRate]
    frequency: list[FrequencyBin]
    shares: list[float]
    strata: list[Stratum]
    columns: list[str]
    first_time: datetime | None = None
    last_time: datetime | None = None
    dwell: DwellSummary | None = None
    skipped: dict[str, int] = {}


class _Log(Protocol):
    """What is described: a store or a log in memory."""

    simulated: bool

    @property
    def page_size(self) -> int: ...
    @property
    def pair_count(self) -> int: ...
    @property
    def pair_query(self) -> npt.NDArray[np.int32]: ...
    def pages(self) -> Iterator[Pages]: ...


def describe(name: str, log: LogStore | ImpressionLog, shares: Sequence[float] = SHARES) -> Description:
    """The log in numbers, in one pass of `pages()`; raises `ConfigurationError` for shares that cut nothing."""
    if len(shares) != len(STRATA) - 1:
        raise ConfigurationError(
            f"shares {', '.join(map(str, shares))}: give {len(STRATA) - 1}, for {', '.join(STRATA)}"
        )
    if not 0 < shares[0] < shares[1] < 1:
        raise ConfigurationError(f"shares {', '.join(map(str, shares))}: must increase between 0 and 1")
    size = log.page_size
    shown, clicked = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    clicks = np.zeros(size + 1, dtype=np.int64)
    pair_query = log.pair_query
    frequency = np.zeros(int(pair_query[-1]) + 1, dtype=np.int64)
    seen = np.zeros(log.pair_count, dtype=bool)
    for pages in log.pages():
        there = pages.shown
        shown += there.sum(axis=0)
        clicked += pages.clicked.sum(axis=0)
        clicks += np.bincount(pages.clicked.sum(axis=1), minlength=size + 1)
        frequency += np.bincount(pair_query[pages.pair[:, 0]], minlength=len(frequency))
        seen[pages.pair[there]] = True
    total = int(frequency.sum())
    stored = log.manifest if isinstance(log, LogStore) else None
    return Description(
        log=name,
        simulated=log.simulated,
        impressions=total,
        queries=len(frequency),
        pairs=log.pair_count,
        pairs_shown=int(seen.sum()),
        documents=stored.documents if stored else None,
        page_size=size,
        share_without_click=float(clicks[0] / total),
        clicks_per_impression=float(clicked.sum() / total),
        clicks=clicks.tolist(),
        by_rank=_rates(shown, clicked),
        frequency=_bins(frequency),
        shares=list(shares),
        strata=_strata(frequency, shares),
        columns=list(stored.columns) if stored else [],
        first_time=stored.first_time if stored else None,
        last_time=stored.last_time if stored else None,
        dwell=summarise_dwell(log) if isinstance(log, LogStore) and "dwell" in log.manifest.columns else None,
        skipped=stored.skipped if stored else {},
    )


def wilson(clicked: Ints, shown: Ints) -> tuple[Floats, Floats]:
    """95 % interval of a rate p = c / n: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22, 1927.
    """
    z, n = float(ndtri(0.975)), np.maximum(shown, 1)
    p = clicked / n
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return np.maximum((middle - half) / (1 + z * z / n), 0), np.minimum((middle + half) / (1 + z * z / n), 1)


def _rates(shown: Ints, clicked: Ints) -> list[RankRate]:
    low, high = wilson(clicked, shown)
    rate = clicked / np.maximum(shown, 1)
    columns = zip(shown.tolist(), clicked.tolist(), rate.tolist(), low.tolist(), high.tolist(), strict=True)
    return [
        RankRate(rank=rank, shown=n, clicked=c, rate=p, low=a, high=b)
        for rank, (n, c, p, a, b) in enumerate(columns, 1)
    ]


def _bins(frequency: Ints) -> list[FrequencyBin]:
    """1, 2-4, 5-9, 10-19, 20-49, ...: three bins a decade, to the most frequent query; 0 where there is such."""
    decades = range(len(str(int(frequency.max()))))
    edges = np.array([0, *(step * 10**decade for decade in decades for step in (1, 2, 5)), 10 ** len(decades)])
    at = np.searchsorted(edges, frequency, side="right") - 1
    queries = np.bincount(at, minlength=len(edges))
    impressions = np.bincount(at, frequency, minlength=len(edges)).astype(np.int64)
    top = int(np.flatnonzero(queries)[-1]) + 1
    return [
        FrequencyBin(fewest=int(edges[i]), most=int(edges[i + 1]) - 1, queries=int(queries[i]), impressions=int(n))
        for i, n in enumerate(impressions[:top])
        if i or queries[0]
    ]


def _strata(frequency: Ints, shares: Sequence[float]) -> list[Stratum]:
    ordered = np.sort(frequency)[::-1]
    stratum = cut_by_traffic(ordered, shares)
    parts = [(name, ordered[stratum == number]) for number, name in enumerate(STRATA)]
    return [
        Stratum(
            name=name,
            queries=len(part),
            impressions=int(part.sum()),
            most_impressions=int(part.max(initial=0)),
            fewest_impressions=int(part.min()) if len(part) else 0,
        )
        for name, part in parts
    ]
