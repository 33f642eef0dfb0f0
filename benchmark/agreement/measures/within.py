"""Agreement beyond chance where chance is that of each list, not of all documents together.

A judge that grades the lists of some queries high and of others low agrees with another that does so, too, even where
neither tells the documents of a list apart; and only that is learned from. So disagreement is compared with what chance
gives within a list: 1 - sum_q D_q / sum_q E_q, 0 where labels are as alike as if each list's were shuffled.
"""

from __future__ import annotations

import numpy as np

from benchmark.agreement.arrays import Floats, ratio
from benchmark.agreement.measures.alpha import interval_expected
from benchmark.agreement.measures.kappa import disagreement


def beyond_chance(sums: Floats) -> Floats:
    """1 - D / E of sums [..., 2]; NaN where chance cannot disagree."""
    return 1 - ratio(sums[..., 0], sums[..., 1])


def kappa_disagreement(counts: Floats) -> Floats:
    """(D, E) [..., 2] of confusion counts [..., k, k]: n_ij and n_i. n_.j / n, each summed over i != j.

    E is what two raters with the habits that they have in this list would give by chance, as in Cohen's kappa.
    """
    weight = disagreement(counts.shape[-1], "nominal")
    size = counts.sum(axis=(-2, -1))
    chance = np.einsum("...i,ij,...j->...", counts.sum(axis=-1), weight, counts.sum(axis=-2))
    return np.stack([(counts * weight).sum(axis=(-2, -1)), _shared(chance, size)], axis=-1)


def kappa_within(counts: Floats) -> Floats:
    """1 - sum_s D_s / sum_s E_s [...] of confusion counts [..., S, k, k] of S groups of documents, such as ranks."""
    return beyond_chance(kappa_disagreement(counts).sum(axis=-2))


def nominal_disagreement(found: Floats) -> Floats:
    """(D, E) [..., 2] of coincidences [..., k, k] (see `coincidences`): o_ck and n_c n_k / (n - 1), over c != k.

    E is the disagreement of two labels of the list drawn at random, as in Krippendorff's alpha.
    """
    each = found.sum(axis=-1)
    apart = 1 - np.eye(found.shape[-1])
    chance = np.einsum("...c,ck,...k->...", each, apart, each)
    return np.stack([(found * apart).sum(axis=(-2, -1)), _shared(chance, each.sum(axis=-1) - 1)], axis=-1)


def interval_disagreement(sums: Floats) -> Floats:
    """(D, E) [..., 2] of `interval_sums` [..., 4]: D as there, E = (2 n sum x^2 - 2 (sum x)^2) / (n - 1)."""
    expected = interval_expected(sums)
    return np.stack([np.where(expected > 0, sums[..., 3], 0.0), _shared(expected, sums[..., 0] - 1)], axis=-1)


def _shared(whole: Floats, by: Floats) -> Floats:
    """whole / by, 0 where there is nothing to share it by."""
    return np.asarray(np.where(by > 0, whole / np.where(by > 0, by, 1.0), 0.0))
