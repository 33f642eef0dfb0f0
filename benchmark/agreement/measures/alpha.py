"""Krippendorff's alpha: agreement of any number of raters, each of whom may have left out any document."""

from __future__ import annotations

from typing import Literal

import numpy as np

from benchmark.agreement.arrays import Floats, ratio

Metric = Literal["nominal", "ordinal", "interval"]
_ROUNDING = 1e-10


def coincidences(ratings: Floats, size: int) -> Floats:
    """o [Q, k, k]: o_ck = sum over documents u of (ordered pairs of raters who gave u the categories c, k) / (m_u - 1).

    `ratings` [R, Q, L] holds categories 0 ... k - 1 of R raters, NaN where one gave none; m_u is how many labelled u,
    and a document with fewer than two labels says nothing.
    """
    given = np.stack([(ratings == category).sum(axis=0) for category in range(size)], axis=-1).astype(np.float64)
    raters = given.sum(axis=-1)
    weight = np.where(raters > 1, 1 / np.maximum(raters - 1, 1), 0.0)
    pairs = np.einsum("qlc,qlk,ql->qck", given, given, weight)
    return np.asarray(pairs - np.einsum("qlc,ql->qc", given, weight)[..., None] * np.eye(size))


def krippendorff_alpha(found: Floats, metric: Metric = "nominal") -> Floats:
    """alpha = 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck [...] of coincidences [..., k, k], n_c = sum_k o_ck.

    d: nominal [c != k]; interval (c - k)^2; ordinal (n_c / 2 + n_{c+1} + ... + n_{k-1} + n_k / 2)^2. NaN where every
    label is the same. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).
    """
    each = found.sum(axis=-1)
    distance = _distance(each, metric)
    expected = (each[..., :, None] * each[..., None, :] * distance).sum(axis=(-2, -1))
    return 1 - ratio((each.sum(axis=-1) - 1) * (found * distance).sum(axis=(-2, -1)), expected)


def _distance(each: Floats, metric: Metric) -> Floats:
    size = each.shape[-1]
    category = np.arange(size, dtype=np.float64)
    if metric == "nominal":
        return 1 - np.eye(size)
    if metric == "interval":
        return np.asarray(np.subtract.outer(category, category) ** 2)
    middle = np.cumsum(each, axis=-1) - each / 2  # labels up to the middle of each category
    return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2)


def interval_sums(ratings: Floats) -> Floats:
    """(n, sum x, sum x^2, D) [Q, 4] of real labels [R, Q, L], over documents with two labels or more.

    D = sum_u (2 m_u sum x^2 - 2 (sum x)^2) / (m_u - 1): the squared differences of all ordered pairs of raters.
    """
    given = ~np.isnan(ratings)
    raters = given.sum(axis=0)
    used = raters > 1
    centre = _centre(ratings[given])
    values = np.where(given & used, ratings - centre, 0.0)
    total, squares = values.sum(axis=0), (values**2).sum(axis=0)
    apart = np.where(used, 2 * (raters * squares - total**2) / np.maximum(raters - 1, 1), 0.0)
    return np.stack([(raters * used).sum(axis=1), total.sum(axis=1), squares.sum(axis=1), apart.sum(axis=1)], axis=1)


def _centre(labels: Floats) -> float:
    """What is taken from every label: alpha does not move with it, and the rounding is smaller. Integers stay exact."""
    if not labels.size:
        return 0.0
    return float(np.round(labels.mean()) if (labels % 1 == 0).all() else labels.mean())


def interval_alpha(sums: Floats) -> Floats:
    """alpha = 1 - (n - 1) D / (2 n sum x^2 - 2 (sum x)^2) [...] of `interval_sums` [..., 4].

    NaN where every label is the same: below the line stands 0 then, or what rounding left of 2 n sum x^2.
    """
    return 1 - ratio((sums[..., 0] - 1) * sums[..., 3], interval_expected(sums))


def interval_expected(sums: Floats) -> Floats:
    """2 n sum x^2 - 2 (sum x)^2 [...] of `interval_sums` [..., 4]; 0 where it is but rounding: all labels are equal."""
    count, total, squares, _ = np.moveaxis(sums, -1, 0)
    expected = 2 * (count * squares - total**2)
    return np.asarray(np.where(expected <= _ROUNDING * 2 * count * squares, 0.0, expected))
