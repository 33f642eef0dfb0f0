"""Pairs of a clicked and an unclicked document on the same page, counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from benchmark.labels.clicks.log import ImpressionLog


@dataclass(frozen=True)
class PairBatch:
    """M different pairs of B queries: in `count` sessions of `query`, `winner` was clicked and `loser` was not.

    All are [M] (`query` counts from 0 in the batch, the others are places in the list and ranks from 0), but
    `sessions` [B].
    """

    query: torch.Tensor
    winner: torch.Tensor
    loser: torch.Tensor
    winner_rank: torch.Tensor
    loser_rank: torch.Tensor
    count: torch.Tensor
    sessions: torch.Tensor


@dataclass(frozen=True)
class ClickPairs:
    """The pairs of n queries with lists of L; `pairs[rows]` is the `PairBatch` of the queries at `rows`.

    `table` [M, 6] holds query, winner, loser, winner's rank, loser's rank, count, sorted by query; those of query q are
    `start[q]` to `start[q + 1]`.
    """

    shape: tuple[int, int]
    table: torch.Tensor
    start: torch.Tensor
    sessions: torch.Tensor

    def __getitem__(self, rows: torch.Tensor) -> PairBatch:
        size = self.start[rows + 1] - self.start[rows]
        query = torch.repeat_interleave(torch.arange(len(rows)), size)
        within = torch.arange(len(query)) - torch.repeat_interleave(size.cumsum(0) - size, size)
        _, winner, loser, winner_rank, loser_rank, count = self.table[self.start[rows][query] + within].unbind(dim=1)
        return PairBatch(query, winner, loser, winner_rank, loser_rank, count.float(), self.sessions[rows])


def click_pairs(log: ImpressionLog) -> ClickPairs:
    """All pairs of a log: (clicked i at rank k, unclicked j at rank l of the same page), equal ones counted."""
    size, ranks = log.list_size, log.page_size
    clicked_page, rank = np.nonzero(log.clicked)
    page = np.repeat(clicked_page, ranks)
    winner_rank, loser_rank = np.repeat(rank, ranks), np.tile(np.arange(ranks), len(rank))
    kept = ~log.clicked[page, loser_rank]
    page, winner_rank, loser_rank = page[kept], winner_rank[kept], loser_rank[kept]
    shape = (max(len(log.qids), 1), size, size, ranks, ranks)
    key = np.ravel_multi_index(
        (log.query[page], log.shown[page, winner_rank], log.shown[page, loser_rank], winner_rank, loser_rank), shape
    )
    unique, count = np.unique(key, return_counts=True)
    columns = np.stack([*np.unravel_index(unique, shape), count], axis=1)
    start = np.searchsorted(columns[:, 0], np.arange(len(log.qids) + 1))
    return ClickPairs(
        (len(log.qids), size),
        torch.from_numpy(columns.astype(np.int64)),
        torch.from_numpy(start),
        torch.from_numpy(log.frequency()).float(),
    )
