"""Logs for the tests of chain models, and the models in the slowest and plainest way: every hidden state in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from benchmark.labels.clicks.pages import Pages

Hidden = tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Log:
    """A page source of P pairs, read in blocks of any size; a query has `candidates` pairs, or there is one query."""

    pair: npt.NDArray[np.int32]
    clicked: npt.NDArray[np.bool_]
    pair_count: int
    block: int = 1000
    candidates: int = 0

    @property
    def page_size(self) -> int:
        return self.pair.shape[1]

    @property
    def pair_query(self) -> npt.NDArray[np.int32]:
        return np.arange(self.pair_count, dtype=np.int32) // np.int32(self.candidates or self.pair_count)

    @property
    def whole(self) -> Pages:
        return Pages(self.pair, self.clicked)

    def pages(self) -> Iterator[Pages]:
        for start in range(0, len(self.pair), self.block):
            yield Pages(self.pair[start : start + self.block], self.clicked[start : start + self.block])

    def shuffled(self, seed: int, block: int) -> Log:
        order = np.random.default_rng(seed).permutation(len(self.pair))
        return Log(self.pair[order], self.clicked[order], self.pair_count, block)


def pages_of(rng: np.random.Generator, pages: int, pairs: int, size: int, *, short: bool = False):
    """Random pages [I, K] of different pairs; with `short`, about half of them end early."""
    pair = np.argsort(rng.random((pages, pairs)), axis=1)[:, :size].astype(np.int32)
    length = rng.integers(1, 2 * size, size=(pages, 1)) if short else np.full((pages, 1), size)
    return np.where(np.arange(size) < length, pair, np.int32(-1))


def simulated_clicks(rng: np.random.Generator, pair, attraction, after_skip: float, after_click):
    """Clicks of simulated users [I, K]; `after_click` [P] or [K, P]: how often they go on after a click."""
    clicked = np.zeros(pair.shape, dtype=bool)
    examined = np.ones(len(pair), dtype=bool)
    after_click = np.broadcast_to(after_click, (pair.shape[1], len(attraction)))
    for k in range(pair.shape[1]):
        examined &= pair[:, k] >= 0
        clicked[:, k] = examined & (rng.random(len(pair)) < attraction[pair[:, k]])
        on = np.where(clicked[:, k], after_click[k][pair[:, k]], after_skip)
        examined &= rng.random(len(pair)) < on
    return clicked


def joint(
    page, chance: Callable[[int, int], tuple[float, ...]], goes_on: Callable[[bool, Hidden], bool]
) -> dict[tuple[bool, ...], float]:
    """P(clicks) of every pattern on one page, by all hidden states.

    `chance(rank, pair)`: the probabilities of that document's hidden coins, the first of which is attraction;
    `goes_on(clicked, coins)`: whether the next is examined.
    """
    shown = [int(pair) for pair in page if pair >= 0]
    chances = [chance(rank, pair) for rank, pair in enumerate(shown)]
    patterns: dict[tuple[bool, ...], float] = {}
    for hidden in product(*(product((False, True), repeat=len(coins)) for coins in chances)):
        probability, examined, clicks = 1.0, True, [False] * len(page)
        for rank, (coins, given) in enumerate(zip(hidden, chances, strict=True)):
            probability *= np.prod([p if coin else 1 - p for coin, p in zip(coins, given, strict=True)])
            clicks[rank] = examined and coins[0]
            examined = examined and goes_on(clicks[rank], coins)
        patterns[tuple(clicks)] = patterns.get(tuple(clicks), 0.0) + float(probability)
    return patterns


def assert_model_is(model, chance, goes_on) -> None:
    """Conditional probabilities multiply to the joint of every click pattern, marginals sum it; on short pages too."""
    for page in ([0, 1, 2], [2, 0, -1], [1, -1, -1]):
        patterns = joint(page, chance, goes_on)
        assert np.isclose(sum(patterns.values()), 1)
        marginal = np.zeros(3)
        for clicks, probability in patterns.items():
            pages = Pages(np.array([page], np.int32), np.array([clicks]))
            given = model.conditional(pages)[0]
            assert np.isclose(np.prod(np.where(clicks, given, 1 - given)), probability, atol=3e-9)
            assert (given[pages.pair[0] < 0] == 0).all()
            marginal += probability * np.array(clicks)
        nothing = Pages(pages.pair, np.zeros((1, 3), bool))
        assert np.allclose(model.marginal(nothing)[0], marginal, atol=3e-9)


def log_likelihood(model, log: Log) -> float:
    """Of a log, page by page."""
    given = model.conditional(log.whole)
    return float(np.log(np.where(log.clicked, given, 1 - given)).sum())


def assert_expectations_are_slopes(see, at, rates: int, pairs: int) -> None:
    """Fisher's identity and Louis's, by finite differences of the log-likelihood of the log.

    d / d logit r = x - n r for each rate with x expected successes of n, and
    - d^2 / d r^2 = x / r^2 + (n - x) / (1 - r)^2 - missing / (r (1 - r)).
    """
    events, missing = see(at).events(), see(at).missing()
    for place in range(rates * pairs):
        kind, pair = divmod(place, pairs)
        rate, h = at[place], 1e-4
        up, down = at.copy(), at.copy()
        up[place] += h
        down[place] -= h
        above, here, below = (see(x).log_likelihood() for x in (up, at, down))
        x, n = events[kind].successes[pair], events[kind].trials[pair]
        assert np.isclose((above - below) / (2 * h) * rate * (1 - rate), x - n * rate, rtol=1e-4, atol=1e-3)
        information = x / rate**2 + (n - x) / (1 - rate) ** 2 - missing[kind][pair] / (rate * (1 - rate))
        assert np.isclose(-(above - 2 * here + below) / h**2, information, rtol=1e-3, atol=1e-2)


def assert_others_climb(see, at, others: int) -> None:
    """The expected share of each other parameter lies up the slope of the log-likelihood from it, if it has one."""
    better = see(at).others()
    for place in range(others):
        up, down = at.copy(), at.copy()
        up[place - others] += 1e-5
        down[place - others] -= 1e-5
        slope = see(up).log_likelihood() - see(down).log_likelihood()
        move = better[place] - at[place - others]
        assert np.sign(slope) == np.sign(move) or abs(slope) < 1e-8


def errors_shrink(fit, truth, rng, draw, sizes=(2000, 32000)) -> None:
    """From `sizes[0]` to `sizes[1]` pages, the error of the estimate shrinks about as 1 / sqrt(n)."""
    small, large = (np.sqrt(np.mean((fit(draw(rng, size)) - truth) ** 2)) for size in sizes)
    assert 0.5 < small / large / np.sqrt(sizes[1] / sizes[0]) < 2
