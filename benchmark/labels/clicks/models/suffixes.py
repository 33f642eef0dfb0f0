"""All tails of a log as one tree of shared suffixes, and what each model expects of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain_counts import tally
from benchmark.labels.clicks.models.tails import Tails

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class SuffixTree:
    """N documents, each the head of a different sequence of documents down to the end of a page.

    The chance of no click from a document down depends only on that sequence, so tails that end alike share the work.
    Node 0 is the end of the page. `pair` [N + 1]; `below` [N + 1] the node of the next document; `levels` the slices
    of nodes at one rank, from the bottom; `roots` [N + 1] pages without a click that begin at each node. A tail after a
    click, an entry [U]: `entry_pair` what was clicked, `entry_rank` where (from 0), `entry` the node below it, and
    `entry_count` pages. `pair_count` is P.
    """

    pair: npt.NDArray[np.int32]
    below: Places
    levels: tuple[slice, ...]
    roots: Floats
    entry_pair: npt.NDArray[np.int32]
    entry_rank: npt.NDArray[np.int8]
    entry: Places
    entry_count: Floats
    pair_count: int

    def by_pair(self, values: Floats) -> Floats:
        """Sum over the pages of each entry of its value [U], by the pair that was clicked [P]."""
        return tally(self.entry_pair, self.entry_count * values, self.pair_count)


@dataclass(frozen=True, eq=False)
class Silence:
    """Chances of no click from an examined document down: of each node [N + 1], and below each entry's click [U].

    `again` [N + 1]: the chance that an examined document without a click below it is followed by another examination.
    """

    node: Floats
    entry: Floats
    again: Floats


@dataclass(frozen=True, eq=False)
class Reach:
    """What the tails say: `skipped` [P] expected examinations of each pair; of the examined documents with another one
    below, how many there were (`trials`), and after how many of them that one was examined (`continued`).
    """

    skipped: Floats
    trials: float
    continued: float


def suffix_tree(tails: Tails, pair_count: int) -> SuffixTree:
    """Number the different suffixes from the bottom rank up."""
    node = np.zeros(len(tails), np.intp)  # of each tail: the node at the rank read last
    pairs, belows, levels, size = [np.zeros(1, np.int32)], [np.zeros(1, np.intp)], [], 1
    for rank in range(tails.pair.shape[1] - 1, -1, -1):
        rows = np.flatnonzero((tails.last < rank) & (tails.pair[:, rank] >= 0))
        key, place = np.unique(node[rows] * np.intp(pair_count) + tails.pair[rows, rank], return_inverse=True)
        pairs.append((key % pair_count).astype(np.int32))
        belows.append(key // pair_count)
        levels.append(slice(size, size + len(key)))
        node[rows] = size + place
        size += len(key)
    clicked = tails.last >= 0
    first = tails.last[clicked]
    return SuffixTree(
        pair=np.concatenate(pairs),
        below=np.concatenate(belows),
        levels=tuple(levels),
        roots=tally(node[~clicked], tails.count[~clicked], size),
        entry_pair=tails.pair[clicked][np.arange(len(first)), first],
        entry_rank=first,
        entry=node[clicked],
        entry_count=tails.count[clicked].astype(np.float64),
        pair_count=pair_count,
    )


def silence(tree: SuffixTree, attraction: Floats, after_skip: float) -> Silence:
    """B_k = (1 - a_k) (1 - f + f B_{k+1}), B = 1 below the end, and again_k = f B_{k+1} / (1 - f + f B_{k+1})."""
    skip = (1 - attraction)[tree.pair]
    quiet, again = np.ones(len(skip)), np.zeros(len(skip))
    for level in tree.levels:
        goes_on = after_skip * quiet[tree.below[level]]
        either = goes_on + (1 - after_skip)
        quiet[level] = skip[level] * either
        again[level] = goes_on / either
    again[tree.below == 0] = 0.0
    return Silence(quiet, quiet[tree.entry], again)


def log_silence(tree: SuffixTree, quiet: Silence) -> float:
    """Log-likelihood of the pages without a click."""
    top = tree.levels[-1]
    return float(tree.roots[top] @ np.log(quiet.node[top]))


def reach(tree: SuffixTree, quiet: Silence, entered: Floats) -> Reach:
    """Expected examinations below the last click; tail u was entered with probability `entered` [U]."""
    mass = _descend(tree, entered, quiet.again)
    skipped = tally(tree.pair, mass, tree.pair_count)
    trials = mass.sum() - mass[tree.below == 0].sum()
    return Reach(skipped, float(trials), float(mass @ quiet.again))


def reach_variance(tree: SuffixTree, quiet: Silence, entered: Floats) -> Floats:
    """sum of p (1 - p) over impressions below the last click, p the chance that it was examined [P].

    p is a product down the page, so p^2 descends like p.
    """
    spread = _descend(tree, entered, quiet.again) - _descend(tree, entered**2, quiet.again**2)
    return tally(tree.pair, spread, tree.pair_count)


def _descend(tree: SuffixTree, entered: Floats, again: Floats) -> Floats:
    """Pages that come to each node [N + 1]: from a click (`entered`), or from the node above (`again`)."""
    mass = tree.roots + tally(tree.entry, tree.entry_count * entered, len(again))
    for above, level in zip(tree.levels[:0:-1], tree.levels[-2::-1], strict=True):
        # Node 0, where nothing more is read, takes the first place of a table that is one longer than the level.
        place = np.maximum(tree.below[above] - (level.start - 1), 0)
        length = level.stop - level.start + 1
        mass[level] += tally(place, mass[above] * again[above], length)[1:]
    mass[0] = 0.0
    return mass
