"""The tails of a range of pairs as one tree of shared suffixes, and what a chain model expects of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.models.chain.counts import tally
from benchmark.labels.clicks.models.chain.tails import Tails

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Level:
    """The nodes of one rank, from `start` to `stop`, ascending in what lies below; before `inner` that is nothing."""

    start: int
    inner: int
    stop: int


@dataclass(frozen=True, eq=False)
class SuffixTree:
    """N documents, each the head of a different sequence of documents down to the end of a page.

    The chance of no click from a document down depends only on that sequence, so tails that end alike share the work.
    Node 0 is the end of the page. `pair` [N + 1], counted from the first of the range's p pairs; `below` [N + 1] the
    node of the next document; `levels` the nodes at one rank, from the bottom; `roots` [N + 1] pages without a click
    that begin at each node. A tail after a click, an entry [U]: `entry_pair` what was clicked, `entry_rank` where
    (from 0), `entry` the node below it, and `entry_count` pages. `pair_count` is p.
    """

    pair: Places
    below: Places
    levels: tuple[Level, ...]
    roots: Floats
    entry_pair: Places
    entry_rank: Places
    entry: Places
    entry_count: Floats
    pair_count: int

    def by_pair(self, values: Floats) -> Floats:
        """Sum over the pages of each entry of its value [U], by the pair that was clicked [p]."""
        return tally(self.entry_pair, self.entry_count * values, self.pair_count)


def suffix_tree(tails: Tails, first: int, pair_count: int) -> SuffixTree:
    """Number the different suffixes from the bottom rank up; the range has `pair_count` pairs from `first` on."""
    node = np.zeros(len(tails), np.intp)  # of each tail: the node at the rank read last
    pairs, belows, levels, size = [np.zeros(1, np.intp)], [np.zeros(1, np.intp)], [], 1
    for rank in range(tails.pair.shape[1] - 1, -1, -1):
        column = tails.pair[:, rank]
        rows = np.flatnonzero((tails.last < rank) & (column >= 0))
        key = node[rows] * np.intp(pair_count)
        key += column[rows]
        key -= first
        key, place = np.unique(key, return_inverse=True)
        below, pair = np.divmod(key, pair_count)
        pairs.append(pair)
        belows.append(below)
        levels.append(Level(size, size + int(np.searchsorted(below, 1)), size + len(key)))
        node[rows] = size + place
        size += len(key)
    clicked = np.flatnonzero(tails.last >= 0)
    last = tails.last[clicked].astype(np.intp)
    return SuffixTree(
        pair=np.concatenate(pairs),
        below=np.concatenate(belows),
        levels=tuple(levels),
        roots=tally(node[tails.last < 0], tails.count[tails.last < 0], size),
        entry_pair=tails.pair[clicked, last].astype(np.intp) - first,
        entry_rank=last,
        entry=node[clicked],
        entry_count=tails.count[clicked].astype(np.float64),
        pair_count=pair_count,
    )


class Below:
    """What the tails of a tree say when a document attracts with probability a (`attraction` [p]).

    The next document is examined with probability f (`after_skip`) below a skip, and with g (`after_click` [U]) below
    the click of each entry. With B the chance of no click from an examined document down,
    B_k = (1 - a_k) (1 - f + f B_{k+1}), B = 1 below the end, the tail of an entry has `likelihood` 1 - g (1 - B) [U],
    and was examined at all with probability g B / likelihood, `entered` [U].
    """

    def __init__(self, tree: SuffixTree, attraction: Floats, after_skip: float, after_click: Floats) -> None:
        self.tree = tree
        self._silence(attraction, after_skip)
        self.quiet = self._quiet[tree.entry]
        self.likelihood = 1 - after_click * (1 - self.quiet)
        self.entered = after_click * self.quiet / self.likelihood
        mass = self._descend(self.entered, self._again)
        inner = [(level.inner, level.stop) for level in tree.levels]
        self.skipped = tally(tree.pair, mass, tree.pair_count)
        """Expected examinations of each pair [p]."""
        self.trials = float(sum(mass[start:stop].sum() for start, stop in inner))
        """Examined documents with another one below, as expected."""
        self.continued = float(mass @ self._again)
        """After how many of them that one was examined."""

    def log_likelihood(self) -> float:
        """Of the tails after a click and of the pages without one."""
        top = self.tree.levels[-1]
        whole = self.tree.roots[top.start : top.stop] @ np.log(self._quiet[top.start : top.stop])
        return float(whole + self.tree.entry_count @ np.log(self.likelihood))

    def variance(self) -> Floats:
        """sum of p (1 - p) over impressions below the last click, p the chance that it was examined [pairs].

        p is a product down the page, so p^2 descends like p.
        """
        spread = self._descend(self.entered, self._again) - self._descend(self.entered**2, self._again**2)
        return tally(self.tree.pair, spread, self.tree.pair_count)

    def _silence(self, attraction: Floats, after_skip: float) -> None:
        """B of each node, and the chance f B' / (1 - f + f B') that after an examined document without a click below

        the next one, with B', was examined too.
        """
        tree = self.tree
        quiet = (1 - attraction)[tree.pair]
        quiet[0] = 1.0
        again = np.zeros(len(quiet))
        for level in tree.levels:
            inside = slice(level.inner, level.stop)
            goes_on = quiet[tree.below[inside]]
            goes_on *= after_skip
            either = goes_on + (1 - after_skip)
            quiet[inside] *= either
            np.divide(goes_on, either, out=again[inside])
        self._quiet, self._again = quiet, again

    def _descend(self, entered: Floats, again: Floats) -> Floats:
        """Pages that come to each node [N + 1]: from a click (`entered`), or from the node above (`again`)."""
        tree = self.tree
        mass = tally(tree.entry, tree.entry_count * entered, len(again))
        mass += tree.roots
        for above, level in zip(tree.levels[:0:-1], tree.levels[-2::-1], strict=True):
            inside = slice(above.inner, above.stop)
            place = tree.below[inside] - level.start
            mass[level.start : level.stop] += tally(place, mass[inside] * again[inside], level.stop - level.start)
        mass[0] = 0.0
        return mass
