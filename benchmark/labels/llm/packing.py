"""Trees of tokens: a document is read once and any number of questions branch off it, in one sequence.

A tree is laid out as [prefix][suffix 1][suffix 2]... Token i may look at token j when j <= i and j lies in the prefix
or in i's own suffix, and every suffix counts its positions on from the prefix's end. So each suffix computes what it
would compute alone after the prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_PREFIX, _PADDING = 0, -1


@dataclass(frozen=True)
class Tree:
    """Token ids of a prefix and of the suffixes that branch off it."""

    prefix: tuple[int, ...]
    suffixes: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.prefix) + sum(map(len, self.suffixes))


@dataclass(frozen=True)
class Packed:
    """B trees side by side, padded to the longest, L.

    `ids`, `positions` [B, L]; `attends` [B, L, L]: may the second position see the third; `rows`, `starts`, `stops`
    [number of suffixes]: each suffix fills `ids[row, start:stop]`, in the order of the trees and of their suffixes.
    """

    ids: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    attends: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]


def pack(trees: Sequence[Tree]) -> Packed:
    """Lay the trees out as above; raises `ValueError` for an empty prefix or suffix, which would predict nothing."""
    parts = [(tree.prefix, *tree.suffixes) for tree in trees]
    if not all(len(part) for tree in parts for part in tree):
        raise ValueError("a tree needs a prefix and suffixes of at least one token each")
    lengths = np.array([len(part) for tree in parts for part in tree], dtype=np.int64)
    counts = np.array([len(tree) for tree in parts], dtype=np.int64)
    first = np.cumsum(counts) - counts  # where each tree's prefix stands among all parts
    row = np.repeat(np.arange(len(parts)), counts)
    flat_start = np.cumsum(lengths) - lengths
    start = flat_start - flat_start[first][row]
    is_prefix = np.zeros(len(lengths), dtype=bool)
    is_prefix[first] = True
    base = np.where(is_prefix, 0, lengths[first][row])  # positions of a suffix go on from its prefix

    shape = (len(parts), int(np.add.reduceat(lengths, first).max()))
    inside = np.arange(lengths.sum()) - np.repeat(flat_start, lengths)
    at = np.repeat(row, lengths), np.repeat(start, lengths) + inside
    ids, positions = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    segments = np.full(shape, _PADDING, np.int64)
    ids[at] = np.fromiter((token for tree in parts for part in tree for token in part), np.int64)
    positions[at] = np.repeat(base, lengths) + inside
    segments[at] = np.repeat(np.arange(len(lengths)) - first[row], lengths)  # 0 is the prefix

    seen = (segments[:, None, :] == _PREFIX) | (segments[:, None, :] == segments[:, :, None])
    attends = seen & np.tri(shape[1], dtype=bool)  # padding sees itself, so no row of the mask is empty
    leaves = ~is_prefix
    return Packed(ids, positions, attends, row[leaves], start[leaves], (start + lengths)[leaves])


def split(tree: Tree, budget: int) -> Iterator[Tree]:
    """The tree cut into trees of at most `budget` tokens, its suffixes in order; one suffix is never cut.

    Attention costs the square of the length, so a document asked about by hundreds of questions is better read twice.
    """
    branch: list[tuple[int, ...]] = []
    length = len(tree.prefix)
    for suffix in tree.suffixes:
        if branch and length + len(suffix) > budget:
            yield Tree(tree.prefix, tuple(branch))
            branch, length = [], len(tree.prefix)
        branch.append(suffix)
        length += len(suffix)
    if branch:
        yield Tree(tree.prefix, tuple(branch))


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of trees in batches of similar length: count x longest <= `budget`, or a single tree longer than that."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > budget:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
