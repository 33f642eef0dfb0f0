"""Division where there may be nothing to divide by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def ratio(over: Floats, under: Floats) -> Floats:
    """over / under [...], broadcast; NaN where `under` is 0."""
    shape = np.broadcast_shapes(over.shape, under.shape)
    quotient: Floats = np.divide(over, under, out=np.full(shape, np.nan), where=np.broadcast_to(under > 0, shape))
    return quotient
