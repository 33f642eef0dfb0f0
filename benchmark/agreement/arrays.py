"""The arrays that agreement is computed from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.floating] | npt.NDArray[np.integer]
Bools = npt.NDArray[np.bool_]


def ratio(above: Numbers, below: Numbers) -> Floats:
    """above / below, NaN where `below` is 0: what cannot be told is never a number."""
    found = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=found, where=np.asarray(below) != 0)
    return found
