"""Interventional sets: the same document for the same query at two ranks, so that only examination differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError
from benchmark.labels.clicks.propensities.counts import RankCounts

Floats = npt.NDArray[np.float64]
Weighting = Literal["precision", "pair"]
_CELLS = 1 << 21  # pairs x ranks x ranks held at a time


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Weighted clicks and shows [..., K, K]: entry (k, k') is of rank k, over the pairs shown at both k and k'.

    clicks[k, k'] = sum_p h_p c_pk / n_pk and shown[k, k'] = sum_p h_p, with n and c the shows and clicks of pair p at a
    rank; the diagonal is 0. As h_p depends on shows alone, E clicks[k, k'] / E clicks[k', k] = e_k / e_k' whatever the
    documents are. `used` is how many documents shown are in any set. Source: Agarwal et al., Estimating Position Bias
    without Intrusive Interventions, WSDM 2019, where h_p = 1.
    """

    clicks: Floats
    shown: Floats
    used: int

    def linked(self) -> npt.NDArray[np.bool_]:
        """Which ranks [..., K] the clicks compare with the first, in both directions.

        A click at k on what was also shown at k' bounds e_k' / e_k from above, so k' is compared with k where such
        bounds lead from k to k' and back. A rank that has no click itself, but is bounded from above, is compared, too:
        its examination is 0.
        """
        size = self.clicks.shape[-1]
        reach = (self.clicks > 0) | np.eye(size, dtype=bool)
        for _ in range(int(np.ceil(np.log2(size)))):
            reach = (reach.astype(np.float64) @ reach.astype(np.float64)) > 0
        both = reach[..., 0, :] & reach[..., :, 0]
        unclicked = ~(self.clicks > 0).any(axis=-1)
        bounded = (both[..., :, None] & (self.clicks > 0)).any(axis=-2)
        linked: npt.NDArray[np.bool_] = both | (unclicked & bounded)
        return linked

    def require_links(self) -> None:
        """Raise `DataError` for the first rank that nothing joins to rank 1."""
        if not self.shown.any():
            raise DataError(
                "click log: no document is shown at two ranks for the same query, so examination cannot be told from "
                "relevance; give a log with varied rankings, or a declared vector"
            )
        lost = np.flatnonzero(~self.linked())
        if len(lost):
            raise DataError(
                f"click log: clicks do not compare rank {lost[0] + 1} with rank 1, neither on documents shown at both "
                f"nor through other ranks; estimate fewer ranks (at most {lost[0]}), or give a log with more varied "
                "rankings"
            )


def contrasts(
    counts: RankCounts, weights: npt.NDArray[np.number] | None = None, weighting: Weighting = "precision"
) -> Contrasts:
    """Contrasts of a log, or with query weights [B, G] those [B, K, K] of B resamples, a block of pairs at a time.

    h_p = n_pk n_pk' / (n_pk + n_pk') by `precision`: the inverse variance of a difference of two rates, up to a factor,
    so that a pair shown once does not count as much as one shown a thousand times; h_p = 1 by `pair`, as in the source.
    """
    size = counts.ranks
    draws = () if weights is None else (len(weights),)
    clicks, shown = np.zeros((*draws, size * size)), np.zeros((*draws, size * size))
    used = 0
    for queries, n, c in _blocks(counts):
        both = (n[:, :, None] > 0) & (n[:, None, :] > 0) & ~np.eye(size, dtype=bool)
        used += int(n[both.any(axis=2)].sum())
        share = both.astype(np.float64)
        if weighting == "precision":
            np.divide(n[:, :, None] * n[:, None, :], n[:, :, None] + n[:, None, :], out=share, where=both)
        rate = np.divide(c, n, out=np.zeros_like(c), where=n > 0)
        first, starts = np.unique(queries, return_index=True)
        of_clicks = np.add.reduceat((share * rate[:, :, None]).reshape(len(n), -1), starts)
        of_shown = np.add.reduceat(share.reshape(len(n), -1), starts)
        drawn = np.ones(len(first)) if weights is None else weights[:, first].astype(np.float64)
        clicks += drawn @ of_clicks
        shown += drawn @ of_shown
    return Contrasts(clicks.reshape(*draws, size, size), shown.reshape(*draws, size, size), used)


def _blocks(counts: RankCounts) -> Iterator[tuple[npt.NDArray[np.int64], Floats, Floats]]:
    """Queries [u], shows [u, K] and clicks [u, K] of the pairs, a block at a time."""
    step = max(1, _CELLS // counts.ranks**2)
    ends = np.append(counts.starts, len(counts.pair))
    for begin in range(0, len(counts.starts), step):
        end = min(begin + step, len(counts.starts))
        cells = slice(ends[begin], ends[end])
        at = (counts.pair[cells] - begin, counts.rank[cells])
        n, c = np.zeros((end - begin, counts.ranks)), np.zeros((end - begin, counts.ranks))
        n[at], c[at] = counts.shown[cells], counts.clicks[cells]
        yield counts.query[begin:end], n, c
