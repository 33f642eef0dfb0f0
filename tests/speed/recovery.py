"""How the error of each click model shrinks as its own simulated log grows: `make recovery`.

A Markdown table: root mean squared error, over seeds, of what all pairs share (examination, continuation, ...) and of
the pairs' attraction (in the trust bias model: relevance, after the best affine map), for growing numbers of
impressions; and the slope of log error on log impressions with its standard error. An error that shrinks as 1 / sqrt(n)
has slope -0.5.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from array_log import ArrayLog
from scipy.stats import linregress
from simulated_world import (
    AFTER_NONE,
    AFTER_SATISFIED,
    AFTER_UNSATISFIED,
    CONTINUE,
    EXAMINATION,
    MODELS,
    PERSEVERANCE,
    TRUSTED,
    World,
)

from benchmark.labels.clicks.models.cascade import fit_cascade
from benchmark.labels.clicks.models.ccm import fit_ccm
from benchmark.labels.clicks.models.dbn import fit_dbn
from benchmark.labels.clicks.models.dcm import fit_dcm
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.trust import fit_trust
from benchmark.labels.clicks.models.ubm import fit_ubm

Floats = npt.NDArray[np.float64]
SIZES = (10_000, 31_623, 100_000, 316_228)


@dataclass(frozen=True)
class Recovery:
    """How a model is fitted, and what of it all pairs share: estimates and the truth."""

    fit: Callable[[Any], Any]
    shared: Callable[[Any], Floats]
    truth: Floats


def _ubm_examination() -> Floats:
    """As `simulated_world.click` has it, numbered as by `last_click_context`; the first is 1."""
    pairs = [(rank, last) for rank in range(1, 11) for last in range(rank)]
    return np.array([1 / (1 + 0.35 * (rank - 1 - last) + 0.05 * (rank - 1)) for rank, last in pairs])


RECOVERIES = {
    "PBM": Recovery(fit_pbm, lambda model: model.examination, EXAMINATION),
    "UBM": Recovery(fit_ubm, lambda model: model.examination, _ubm_examination()),
    "cascade": Recovery(fit_cascade, lambda model: np.empty(0), np.empty(0)),
    "DCM": Recovery(fit_dcm, lambda model: model.continuation[:-1], CONTINUE[:-1]),
    "CCM": Recovery(
        fit_ccm, lambda model: np.array(model.continuation), np.array([AFTER_NONE, AFTER_UNSATISFIED, AFTER_SATISFIED])
    ),
    "DBN": Recovery(fit_dbn, lambda model: np.array([model.perseverance]), np.array([PERSEVERANCE])),
    "SDBN": Recovery(lambda log: fit_dbn(log, perseverance=1.0), lambda model: np.empty(0), np.empty(0)),
    "trust": Recovery(
        fit_trust, lambda model: model.slope / model.slope[0], (EXAMINATION - TRUSTED) / (1 - TRUSTED[0])
    ),
}


def squares(name: str, world: World, size: int, seed: int) -> tuple[float, float]:
    """Mean squared errors of the shared parameters (NaN if there are none) and of attraction."""
    recovery = RECOVERIES[name]
    log = ArrayLog(*world.log(name, size, seed), world.pair_count, world.candidates)
    model = recovery.fit(log)
    shared = recovery.shared(model) - recovery.truth
    truth = world.rates[0].astype(np.float64)
    found = model.relevance if name == "trust" else model.attraction
    if name == "trust":  # clicks tell relevance up to an affine map
        found = np.polyval(np.polyfit(found, truth, 1), found)
    return float(np.mean(shared**2)) if len(shared) else np.nan, float(np.mean((found - truth) ** 2))


def slope(sizes: npt.ArrayLike, error: Floats) -> str:
    """Slope of log error on log size, and its standard error."""
    line = linregress(np.log(sizes), np.log(error))
    return f"{line.slope:.2f} ± {line.stderr:.2f}"


def main() -> None:
    """Simulate, fit, print the table a model at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=tuple(RECOVERIES), default=tuple(RECOVERIES))
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="impressions")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--queries", type=int, default=30, help="few, so that pairs are seen often")
    arguments = parser.parse_args()
    world = World(arguments.queries, candidates=12, zipf=0.0, seed=7)
    sizes = list(arguments.sizes)
    print(f"{world.queries} queries x {world.candidates} documents, pages of {world.page}, {arguments.seeds} seeds\n")
    print("| model | error of | " + " | ".join(f"{size:,}" for size in sizes) + " | slope |")
    print("|---|---|" + "---:|" * (len(sizes) + 1))
    for name in arguments.models:
        each = [[squares(name, world, size, seed) for seed in range(arguments.seeds)] for size in sizes]
        shared, attraction = np.sqrt(np.mean(each, axis=1)).T
        for what, error in (("what pairs share", shared), ("attraction", attraction)):
            if not np.isnan(error).any():
                told = " | ".join(f"{value:.4f}" for value in error)
                print(f"| {name} | {what} | {told} | {slope(sizes, error)} |", flush=True)


assert set(MODELS) <= set(RECOVERIES)

if __name__ == "__main__":
    main()
