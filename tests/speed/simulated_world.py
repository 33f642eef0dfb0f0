"""Simulated result pages and clicks at the size of a production log; numpy only, so that CLAX can read it too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MODELS = ("PBM", "UBM", "DBN", "cascade", "DCM", "CCM", "SDBN")
BLOCK = 1 << 17

# What the simulated users do; any values would serve, these give about one click a page.
EXAMINATION = np.array([1.0, 0.674, 0.414, 0.293, 0.208, 0.171, 0.136, 0.117, 0.084, 0.058])  # PBM: by rank
TRUSTED = 0.3 * EXAMINATION**2  # trust: clicks on what is irrelevant, by rank; relevant documents are clicked as by PBM
CONTINUE = np.linspace(0.9, 0.5, 10)  # DCM: after a click, by rank
AFTER_NONE, AFTER_UNSATISFIED, AFTER_SATISFIED = 0.92, 0.8, 0.35  # CCM
PERSEVERANCE = 0.9  # DBN


@dataclass(frozen=True)
class World:
    """Q queries with L <= 32 candidates each; query q is asked with probability proportional to (q + 1)^-zipf.

    A page is a Plackett-Luce draw of `page` candidates with weights (l + 1)^-1, so every candidate moves. Pair
    q L + l attracts with probability ~ Beta(1, 4) and satisfies, once clicked, with probability ~ Beta(2, 2).
    """

    queries: int
    candidates: int = 20
    page: int = 10
    zipf: float = 1.0
    seed: int = 0

    @property
    def pair_count(self) -> int:
        """Pairs P = Q L."""
        return self.queries * self.candidates

    @cached_property
    def rates(self) -> tuple[Floats, Floats]:
        """Attraction [P] and satisfaction [P]."""
        rng = np.random.default_rng([self.seed, 0])
        return (
            rng.beta(1, 4, self.pair_count).astype(np.float32),
            rng.beta(2, 2, self.pair_count).astype(np.float32),
        )

    @cached_property
    def demand(self) -> npt.NDArray[np.float64]:
        """Cumulative probability of the queries [Q]."""
        total = np.cumsum(np.arange(1, self.queries + 1) ** -self.zipf)
        share: npt.NDArray[np.float64] = total / total[-1]
        return share

    def blocks(
        self, model: str, impressions: int, stream: int
    ) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]]:
        """`query` [B], `shown` [B, K] (places in the candidate list) and `clicked` [B, K], a block at a time.

        Blocks of one `stream` depend on the seed and on their number only.
        """
        for number, start in enumerate(range(0, impressions, BLOCK)):
            rng = np.random.default_rng([self.seed, 1, stream, number])
            size = min(BLOCK, impressions - start)
            query = np.searchsorted(self.demand, rng.random(size)).astype(np.int32)
            shown = self._pages(size, rng)
            pair = query[:, None] * np.int32(self.candidates) + shown
            attraction, satisfaction = self.rates
            yield query, shown, click(model, attraction[pair], satisfaction, pair, rng)

    def log(self, model: str, impressions: int, stream: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """`pair` [I, K] and `clicked` [I, K] of a whole log."""
        blocks = list(self.blocks(model, impressions, stream))
        pair = np.concatenate([query[:, None] * np.int32(self.candidates) + shown for query, shown, _ in blocks])
        return pair, np.concatenate([clicked for _, _, clicked in blocks])

    def _pages(self, size: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
        """Exponential race: the K first of E_l (l + 1), E_l ~ Exp(1). Positive floats sort as their bits do, so the

        candidate's number replaces the five last bits of its time and one plain sort of integers gives the order.
        """
        time = rng.standard_exponential((size, self.candidates), dtype=np.float32)
        time *= np.arange(1, self.candidates + 1, dtype=np.float32)
        key = (time.view(np.int32) & ~31) | np.arange(self.candidates, dtype=np.int32)
        key.sort(axis=1)
        return (key[:, : self.page] & 31).astype(np.uint8)


def click(
    model: str, attraction: Floats, satisfaction: Floats, pair: npt.NDArray[np.int32], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Clicks [I, K] of simulated users of one `model`, on documents of the given `attraction` [I, K]."""
    size, ranks = attraction.shape
    attracted = rng.random((size, ranks), dtype=np.float32) < attraction
    if model == "PBM":
        return attracted & (rng.random((size, ranks), dtype=np.float32) < EXAMINATION[:ranks].astype(np.float32))
    if model == "trust":
        irrelevant, relevant = (values[:ranks].astype(np.float32) for values in (TRUSTED, EXAMINATION))
        return rng.random((size, ranks), dtype=np.float32) < irrelevant + (relevant - irrelevant) * attraction
    clicked = np.zeros((size, ranks), dtype=bool)
    last = np.full(size, -1)  # rank of the last click, -1 for none
    here = np.ones(size, dtype=bool)  # is rank k examined?
    for k in range(ranks):
        if model == "UBM":
            here = rng.random(size) < 1 / (1 + 0.35 * (k - last - 1) + 0.05 * k)
        now = clicked[:, k] = here & attracted[:, k]
        last[now] = k
        if model == "cascade":
            here = here & ~now
        elif model == "DCM":
            here = here & (~now | (rng.random(size) < CONTINUE[k]))
        elif model == "CCM":
            satisfied = rng.random(size) < attraction[:, k]
            go = np.where(now, np.where(satisfied, AFTER_SATISFIED, AFTER_UNSATISFIED), AFTER_NONE)
            here = here & (rng.random(size) < go)
        elif model in ("DBN", "SDBN"):
            here = here & ~(now & (rng.random(size) < satisfaction[pair[:, k]]))
            if model == "DBN":
                here = here & (rng.random(size) < PERSEVERANCE)
    return clicked
