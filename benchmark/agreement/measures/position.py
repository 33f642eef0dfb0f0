"""Does a document's place in the prompt change what the judge says of it?"""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats, Ints, ratio


def position_sums(query: Ints, position: Ints, value: Floats, queries: int) -> Floats:
    """(sum v, n) [Q, P, 2] at each position 1 ... P, of judgments given by `query`, `position`, `value` [N]."""
    size = int(position.max(initial=0))
    cell = query * size + position - 1
    sums = [np.bincount(cell, weight, minlength=queries * size) for weight in (value, np.ones_like(value))]
    return np.stack(sums, axis=-1).reshape(queries, size, 2).astype(np.float64)


def slope_sums(query: Ints, group: Ints, position: Ints, value: Floats, queries: int) -> Floats:
    """(sum (p - p_g) (v - v_g), sum (p - p_g)^2) [Q, 2], p_g and v_g the means of its `group` [N].

    The quotient is the slope of value on position with an intercept for each group (within-group least squares). Groups
    are documents where each was shown at several positions: then relevance cancels. They are queries where each
    document was shown once: then relevance cancels on average if the positions were drawn at random; if not, the slope
    also holds that better documents stand higher.
    """
    size = int(group.max(initial=-1)) + 1
    count = np.bincount(group, minlength=size)
    centred = [
        part - ratio(np.bincount(group, part, minlength=size), count)[group]
        for part in (position.astype(np.float64), value)
    ]
    places, values = centred
    sums = [np.bincount(query, places * part, minlength=queries) for part in (values, places)]
    return np.stack(sums, axis=-1).astype(np.float64)
