"""A log in two parts: each impression in one of them, whatever the blocks, and pairs known by their numbers in both."""

from __future__ import annotations

import numpy as np
import pytest
from model_logs import PageLog, pbm_log

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.evaluate import evaluate
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.rates import fit_global_rate
from benchmark.labels.clicks.pages import PageSource
from benchmark.labels.clicks.split import split


def some_log() -> PageLog:
    rng = np.random.default_rng(3)
    return pbm_log(rng, 20_000, rng.beta(1.2, 4, (20, 8)))


def rows(source: PageSource) -> np.ndarray:
    """Pairs and clicks of each impression [I, 2 K]."""
    return np.concatenate([np.hstack([pages.pair, pages.clicked]) for pages in source.pages()])


def test_each_impression_is_in_one_part() -> None:
    log = some_log()
    fit_to, held = map(rows, split(log, 0.2))
    whole = rows(log)
    assert len(held) / len(whole) == pytest.approx(0.2, abs=0.015)
    assert sorted(np.vstack([fit_to, held]).tolist()) == sorted(whole.tolist())


def test_what_is_held_out_depends_on_the_seed_and_not_on_the_blocks() -> None:
    log = some_log()
    small = PageLog(log.pair, log.clicked, log.pair_count, block=77)
    for part, other in zip(split(log), split(small), strict=True):
        np.testing.assert_array_equal(rows(part), rows(other))
        np.testing.assert_array_equal(rows(part), rows(part))
    assert len(rows(split(log, seed=1)[1])) != len(rows(split(log, seed=2)[1]))


def test_a_model_foretells_the_part_that_it_was_not_fitted_to() -> None:
    fit_to, held = split(some_log(), 0.2)
    assert evaluate(fit_pbm(fit_to), held).perplexity < evaluate(fit_global_rate(fit_to), held).perplexity - 0.01


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_a_part_needs_something_in_it(share: float) -> None:
    with pytest.raises(ConfigurationError, match=r"held_out is .*; it must lie between 0 and 1"):
        split(some_log(), share)
