"""Groups of test queries that a mean is printed for: the three strata, their macro average, seen and unseen queries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.scoring.ranked import Floats
from benchmark.tasks.strata import STRATA

MACRO = "macro"
GROUPS = (MACRO, *STRATA, "seen", "unseen")
Masks = dict[str, npt.NDArray[np.bool_]]


def masks(stratum: npt.NDArray[np.str_], seen: npt.NDArray[np.bool_] | None = None) -> Masks:
    """Members [Q] of each group that has any, in the order of `GROUPS`; macro is no mask and so is left out.

    Raises `ValueError` for a stratum that is not one of the three.
    """
    unknown = np.setdiff1d(stratum, STRATA)
    if unknown.size:
        raise ValueError(f"stratum {str(unknown[0])!r} is none of {', '.join(STRATA)}")
    members = {name: stratum == name for name in STRATA}
    if seen is not None:
        members |= {"seen": seen, "unseen": ~seen}
    return {name: mask for name, mask in members.items() if mask.any()}


def with_macro(means: dict[str, Floats]) -> dict[str, Floats]:
    """Prepend macro = (high + medium + low) / 3; absent where one of the three is."""
    if not all(name in means for name in STRATA):
        return means
    return {MACRO: np.mean([means[name] for name in STRATA], axis=0), **means}


def group_means(values: Floats, stratum: npt.NDArray[np.str_], seen: npt.NDArray[np.bool_]) -> dict[str, Floats]:
    """Mean of per-query values [..., Q] over each group's queries [...], by the names of `GROUPS`.

    macro is the mean of the three stratum means. A group without a query is absent, and so is macro when a stratum is:
    never NaN, never 0. Raises `ValueError` for a value that is not finite: a missing cell is never averaged.
    """
    if not np.isfinite(values).all():
        raise ValueError(f"query {np.argwhere(~np.isfinite(values))[0][-1]} has no finite value; score every query")
    return with_macro({name: np.mean(values[..., mask], axis=-1) for name, mask in masks(stratum, seen).items()})
