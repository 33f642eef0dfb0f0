"""Simulated clicks: a stated production ranker, a position-based user, and a quality that no text shows.

Nothing here is a click of a person. The model is stated in full so that nobody mistakes what it was built to show for a
finding; the tasks whose names end in a variant (`VARIANTS`) sweep its parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

from benchmark.hashing import seeded_hashes

# Examination by rank, all-pairs estimate on Baidu-ULTR: Hager et al., SIGIR 2024 (reproducibility study).
BAIDU_EXAMINATION = (1.0, 0.674, 0.414, 0.293, 0.208, 0.171, 0.136, 0.117, 0.084, 0.058)


@dataclass(frozen=True)
class UserModel:
    """P(click on d at rank k) = theta_k * sigmoid(logit(alpha) + quality * z_d).

    theta is `examination`; alpha is `relevant` for an expert's answer and `noise` for any other document; z_d ~ N(0, 1)
    is a property of the document alone, drawn from a hash of its docno: independent of its text and of its relevance,
    so it can only mislead a ranker that is scored by relevance.
    """

    examination: tuple[float, ...] = BAIDU_EXAMINATION
    relevant: float = 0.6
    noise: float = 0.1
    quality: float = 0.5
    jitter: float = 0.3


VARIANTS = {
    "": UserModel(),
    "quality-none": UserModel(quality=0.0),
    "quality-strong": UserModel(quality=1.5),
    "noise-strong": UserModel(noise=0.3),
}


def document_quality(docnos: npt.NDArray[np.str_], seed: int) -> npt.NDArray[np.float64]:
    """z_d ~ N(0, 1) for each docno, in the shape of `docnos`: the normal quantile of a seeded hash."""
    unique, inverse = np.unique(docnos, return_inverse=True)
    uniform = (seeded_hashes(f"quality-{seed}", unique.tolist()).astype(np.float64) + 0.5) / 2.0**64
    quality: npt.NDArray[np.float64] = ndtri(uniform)[inverse].reshape(docnos.shape)
    return quality


def simulate(
    impressions: npt.NDArray[np.int64],
    production_rank: npt.NDArray[np.int64],
    relevant: npt.NDArray[np.bool_],
    quality: npt.NDArray[np.float64],
    model: UserModel,
    seed: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Draw the log of Q queries with L candidates each: `query` [I], `shown` [I, K] and `clicked` [I, K].

    A page shows the K documents with the largest -ln(production_rank) + jitter * Gumbel: a Plackett-Luce draw with
    weights rank^(-1/jitter); with `jitter` 0 every page is the production ranking. `production_rank` counts from 1.
    """
    rng = np.random.default_rng(seed)
    page = len(model.examination)
    query = np.repeat(np.arange(len(impressions), dtype=np.int32), impressions)
    order = rng.permutation(len(query))  # the log is in order of time, not of query
    query = query[order]
    attraction = expit(logit(np.where(relevant, model.relevant, model.noise)) + model.quality * quality)
    shown = np.empty((len(query), page), dtype=np.uint8)
    clicked = np.empty((len(query), page), dtype=bool)
    examination = np.asarray(model.examination)
    for start in range(0, len(query), 65536):  # in blocks: the memory stays flat however long the log is
        block = query[start : start + 65536]
        utility = -np.log(production_rank[block]) + model.jitter * rng.gumbel(size=(len(block), relevant.shape[1]))
        top = np.argsort(-utility, axis=1, kind="stable")[:, :page]
        probability = examination * np.take_along_axis(attraction[block], top, axis=1)
        shown[start : start + 65536] = top
        clicked[start : start + 65536] = rng.random(top.shape) < probability
    return query, shown, clicked
