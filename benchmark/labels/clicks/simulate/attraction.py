"""How attractive a document is to a query, and a quality that no text shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

from benchmark.errors import ConfigurationError
from benchmark.hashing import seeded_hashes
from benchmark.labels.clicks.simulate.checks import check_probabilities

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Attraction:
    """P(attracted to d for q) = sigmoid(logit(by_grade[g]) + quality * z_d).

    g is the grade of d for q, counted from 0; z_d a property of the document alone (`document_quality`). The defaults
    are chosen, not published: binary relevance, 0.1 for what no expert gave, 0.6 for an expert's answer.
    """

    by_grade: tuple[float, ...] = (0.1, 0.6)
    quality: float = 0.5

    def __post_init__(self) -> None:
        check_probabilities("Attraction", "by_grade", self.by_grade)

    @classmethod
    def binary(cls, relevant: float = 0.6, noise: float = 0.1, quality: float = 0.5) -> Attraction:
        """`relevant` for a relevant document, `noise` for any other."""
        return cls((noise, relevant), quality)

    @classmethod
    def graded(cls, best: int, noise: float = 0.1, quality: float = 0.5) -> Attraction:
        """noise + (1 - noise) (2^g - 1) / (2^best - 1) for the grades 0 to `best`.

        Source: Ai et al., Unbiased Learning to Rank with Unbiased Propensity Estimation, SIGIR 2018 (there noise 0.1).
        """
        return cls(tuple(noise + (1 - noise) * (2**g - 1) / (2**best - 1) for g in range(best + 1)), quality)

    def of(self, grade: npt.NDArray[np.integer] | npt.NDArray[np.bool_], quality: Floats) -> Floats:
        """The attraction of documents with these grades and qualities, in their common shape."""
        attraction: Floats = expit(logit(look_up("attraction", self.by_grade, grade)) + self.quality * quality)
        return attraction

    def describe(self) -> str:
        """The parameters, in a phrase."""
        grades = ", ".join(f"{value:.3g}" for value in self.by_grade)
        return f"attraction {grades} by grade" + (f", quality {self.quality:g}" if self.quality else "")


def look_up(what: str, by_grade: tuple[float, ...], grade: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Floats:
    """by_grade[grade]; raises `ConfigurationError` when a grade has no value."""
    index = grade.astype(np.intp)
    if index.size and (index.min() < 0 or index.max() >= len(by_grade)):
        raise ConfigurationError(
            f"simulation: {what} has {len(by_grade)} grades, the documents {index.min()} to {index.max()}; "
            "give a value for each grade from 0"
        )
    return np.asarray(by_grade, dtype=np.float64)[index]


def document_quality(docnos: npt.NDArray[np.str_], seed: int) -> Floats:
    """z_d ~ N(0, 1) for each docno, in the shape of `docnos`: the normal quantile of a seeded hash.

    It is independent of the document's text and relevance, so it can only mislead a ranker that is scored by relevance.
    """
    unique, inverse = np.unique(docnos, return_inverse=True)
    uniform = (seeded_hashes(f"quality-{seed}", unique.tolist()).astype(np.float64) + 0.5) / 2.0**64
    quality: Floats = ndtri(uniform)[inverse].reshape(docnos.shape)
    return quality
