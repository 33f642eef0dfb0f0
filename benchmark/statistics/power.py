"""How small a difference queries and seeds can show: the minimum detectable effect of a paired comparison."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmark.scoring.groups import MACRO, masks, with_macro
from benchmark.scoring.ranked import Floats
from benchmark.statistics.seeds import squared_error
from benchmark.tasks.strata import STRATA

POWER, ALPHA = 0.8, 0.05
# `numpy.median`, `numpy.max`: from the values of all pairs to one.
Summary = Callable[[Floats], np.floating]


def minimum_detectable_effect(
    standard_error: float, power: float = POWER, alpha: float = ALPHA, critical: float | None = None
) -> float:
    """MDE = (c + z_power) se: the true difference that a two-sided test finds with that power.

    c is z_{1 - alpha / 2}, for one comparison on its own, or the `critical` |t| of a test of many
    (`Comparisons.critical`), which finds larger differences alone. By the normal approximation, which is a little too
    small where few seeds make most of the noise.
    """
    c = stats.norm.ppf(1 - alpha / 2) if critical is None else critical
    return float((c + stats.norm.ppf(power)) * standard_error)


def pair_mde(a: Floats, b: Floats, stratum: npt.NDArray[np.str_]) -> dict[str, float]:
    """MDE between two systems with values a, b [S, Q], in each column of `standard_errors`."""
    return all_pairs_mde(np.stack([a, b]), stratum)


def all_pairs_mde(
    values: Floats, stratum: npt.NDArray[np.str_], summary: Summary = np.median, *, critical: float | None = None
) -> dict[str, float]:
    """MDE of values [M, S, Q], for the median pair of systems, or with `numpy.max` the noisiest pair."""
    errors = standard_errors(values, stratum)
    return {name: minimum_detectable_effect(float(summary(error)), critical=critical) for name, error in errors.items()}


def standard_errors(values: Floats, stratum: npt.NDArray[np.str_]) -> dict[str, Floats]:
    """sqrt(sd(d)^2 / n + (s_i^2 + s_j^2) / S) [P] of each pair of systems, on macro and in each stratum.

    As in `compare_all`: sd(d) is that of the per-query differences, averaged over the S seeds, and s_i that of the S
    means of system i; one seed has none. On macro the part of the queries is sum_g sd_g(d)^2 / n_g / 9. A stratum with
    fewer than two queries is absent, and then so is macro. Raises `ValueError` with fewer than two systems or a value
    that is not finite.
    """
    if values.ndim != 3 or len(values) < 2 or not values.shape[1]:
        raise ValueError(f"values must be [systems >= 2, seeds, queries], got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"system {np.argwhere(~np.isfinite(values))[0][0]} has a value that is not finite")
    members = {name: mask for name, mask in masks(stratum).items() if mask.sum() > 1}
    averaged = values.mean(axis=1)
    queries = {name: _pair_variance(averaged[:, mask]) / mask.sum() for name, mask in members.items()}
    if len(members) == len(STRATA):
        queries[MACRO] = np.sum(list(queries.values()), axis=0) / len(STRATA) ** 2
    runs = with_macro({name: values[:, :, mask].mean(axis=2) for name, mask in members.items()})
    first, second = np.triu_indices(len(values), k=1)
    seeds = {name: squared_error(means) for name, means in runs.items()}
    return {name: np.sqrt(queries[name] + error[first] + error[second]) for name, error in seeds.items()}


def _pair_variance(values: Floats) -> Floats:
    """Variance (n - 1) [P] of the differences of each pair, pairs in the order of `numpy.triu_indices`."""
    rows = ((values[i] - values[i + 1 :]).var(axis=1, ddof=1) for i in range(len(values) - 1))
    return np.concatenate(list(rows))
