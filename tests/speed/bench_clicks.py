"""Our click models and CLAX's on one simulated log, in turn, to equal held-out log-likelihood: `make bench-clicks`.

For each model a log of its own simulated users. Both sides get the same arrays and the same cores. The target is the
better of the two final held-out log-likelihoods per document, less `TOLERANCE`, and both clocks stop there.

- Ours: from the arrays, counting included, to a fit with the fewest iterations that reaches the target; a model whose
  fit takes no iterations that could be cut, to its end. What the whole fit takes is printed beside it.
- CLAX, on its CPU: until its held-out log-likelihood first reaches the target, looked at several times an epoch. Its
  own models, training step, AdamW and early stopping; batches are cut from memory. Importing, compiling and scoring do
  not count.

`ratio MODEL X, Y tuned`: X = CLAX's seconds / our seconds, CLAX with the learning rate and batch size of its
documentation; Y, the same with the best of the settings that we found for it on such logs, which a user would have to
find first. CLAX's own CascadeModel is no likelihood of a cascade (see clax_worker), so `cascade` is made of CLAX's
parts; SDBN is the exact one on both sides.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from array_log import ArrayLog
from clax_process import MISSING, PYTHON, Training, train_clax
from held_out import log_likelihood
from simulated_world import MODELS, World

from benchmark.labels.clicks.models.cascade import fit_cascade
from benchmark.labels.clicks.models.ccm import fit_ccm
from benchmark.labels.clicks.models.counting.statistics import rank_statistics
from benchmark.labels.clicks.models.dbn import fit_dbn
from benchmark.labels.clicks.models.dcm import fit_dcm
from benchmark.labels.clicks.models.model import ClickModel
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.models.ubm import fit_ubm

TOLERANCE = 1e-3
"""Nats per document that count as equal."""
DOCUMENTED = "0.003:512:0.0001"
"""Learning rate:batch size:weight decay of CLAX's documentation and of its optimizer."""
TUNED = ("0.03:2048:0.0001", "0.05:4096:0.0001", "0.1:8192:0.0001", "0.02:1024:0.02")
"""Three of the fastest with AdamW's usual decay and one that ends higher, out of rates .003 to .1, batches of 512 to

32,768 and decays of 0.0001 to 0.1."""
BUDGETS = (3, 6, 12, 24, 48)
"""Iterations that ours is tried with before it may go on to its end."""

FITS: dict[str, Callable[..., ClickModel]] = {
    "PBM": fit_pbm,
    "UBM": fit_ubm,
    "DBN": fit_dbn,
    "cascade": fit_cascade,
    "DCM": fit_dcm,
    "CCM": fit_ccm,
    "SDBN": partial(fit_dbn, perseverance=1.0),
}
ITERATIVE = ("DBN", "DCM", "CCM", "SDBN")


@dataclass(frozen=True)
class Ours:
    """Seconds from the arrays to the fitted model, and its held-out log-likelihood per document."""

    seconds: float
    value: float


def fit_ours(model: str, log: ArrayLog, held: ArrayLog, **options: int) -> Ours:
    """Fit and score ours."""
    begun = time.perf_counter()
    fitted = FITS[model](log, **options)
    seconds = time.perf_counter() - begun
    probability = np.concatenate([fitted.conditional(pages) for pages in held.pages()])
    return Ours(seconds, log_likelihood(probability, held.clicked))


def to_target(model: str, log: ArrayLog, held: ArrayLog, whole: Ours, target: float) -> Ours:
    """The fit with the fewest iterations that reaches the target, each tried from the beginning."""
    for iterations in BUDGETS if model in ITERATIVE else ():
        ours = fit_ours(model, log, held, iterations=iterations)
        if ours.value >= target:
            return ours if ours.seconds < whole.seconds else whole
    return whole


def report(model: str, log: ArrayLog, held: ArrayLog, runs: list[Training]) -> None:
    """Fit ours, print both sides and the ratios."""
    whole = fit_ours(model, log, held)
    target = max(whole.value, *(run.best for run in runs)) - TOLERANCE
    print(f"{model}: target {target:.5f}; ours to its end {whole.seconds:.2f} s, {whole.value:.5f}")
    for run in runs:
        at = run.reached(target)
        told = f"never in {run.trace[-1][0]:.2f} s" if at is None else f"{at:.2f} s"
        print(f"  CLAX {run.setting}: {told}, best {run.best:.5f}; compiling {run.compilation:.1f} s, not counted")
    if whole.value < target:
        print(f"ratio {model} none: ours ends {target - whole.value:.5f} below the target")
        return
    ours = to_target(model, log, held, whole, target)
    print(f"  ours: {ours.seconds:.2f} s, {ours.value:.5f}")
    documented = [_ratio(run, target, ours) for run in runs if run.setting == DOCUMENTED]
    tuned = [_ratio(run, target, ours) for run in runs if run.setting != DOCUMENTED]
    first = " ".join(f"{'' if met else '>'}{ratio:.2f}" for ratio, met in documented)
    met = [ratio for ratio, met in tuned if met]
    rest = f", {min(met):.2f} tuned" if met else ", never reached tuned" if tuned else ""
    print(f"ratio {model} {first}{rest}")


def _ratio(run: Training, target: float, ours: Ours) -> tuple[float, bool]:
    """CLAX's seconds by ours, and whether CLAX got to the target; if not, the ratio is at least that."""
    at = run.reached(target)
    return (run.trace[-1][0] if at is None else at) / ours.seconds, at is not None


def throughput(log: ArrayLog) -> None:
    """Print how many impressions x iterations our PBM takes in a second once the log is counted."""
    begun = time.perf_counter()
    statistics = rank_statistics(log)
    counted = time.perf_counter()
    model = fit_pbm(statistics, examination="em")
    fitted = time.perf_counter()
    rate = len(log.pair) * model.iterations / (fitted - counted)
    print(
        f"PBM by EM: counting {counted - begun:.2f} s, {model.iterations} iterations {fitted - counted:.2f} s, "
        f"{rate / 1e6:.1f} M session-iterations/s"
    )


def main() -> None:
    """Simulate, fit both sides in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--impressions", type=int, default=1_000_000)
    parser.add_argument("--held", type=int, default=100_000, help="impressions held out")
    parser.add_argument("--queries", type=int, default=5_000)
    parser.add_argument("--candidates", type=int, default=20, help="documents of a query, at most 32")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument(
        "--settings", nargs="+", default=(DOCUMENTED, *TUNED), help="CLAX: learning rate:batch size:weight decay"
    )
    parser.add_argument("--epochs", type=int, default=4, help="CLAX: at most; it over-fits from the second or third on")
    parser.add_argument("--patience", type=int, default=1, help="CLAX: epochs without a gain before it stops")
    parser.add_argument("--looks", type=int, default=8, help="CLAX: evaluations in an epoch")
    parser.add_argument("--cores", type=int, default=2, help="that either side may use")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not PYTHON.exists():
        sys.exit(MISSING)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])  # CLAX's process inherits it
    world = World(arguments.queries, arguments.candidates, seed=arguments.seed)
    print(
        f"{arguments.impressions:,} simulated impressions x {world.page} documents, {world.pair_count:,} pairs, "
        f"{arguments.held:,} held out; {arguments.cores} cores, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    for model in arguments.models:
        log, held = (
            world.log(model, size, stream) for stream, size in enumerate((arguments.impressions, arguments.held))
        )
        mine, theirs = (ArrayLog(*part, world.pair_count, world.candidates) for part in (log, held))
        if model == "PBM":
            throughput(mine)
        options = {name: getattr(arguments, name) for name in ("epochs", "patience", "looks", "seed")}
        report(model, mine, theirs, train_clax(model, log, held, world.pair_count, arguments.settings, **options))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
