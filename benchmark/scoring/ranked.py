"""Graded lists in rank order: what every measure looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """Q ranked lists of grades, and for each query the best list that the whole collection allows.

    grades     [Q, L] grade of the document at each rank, best-ranked first; 0 where nothing is known of it, and in the
               places after a list's end
    ideal      [Q, K] grades of *all* relevant documents of the query, in the list or not, best first, then 0
               (`ideal_grades` makes it): a relevant document that was never retrieved still counts against a ranking
    max_grade  the highest grade of the task's scale (1 where relevance is binary); ERR depends on it

    Raises `ValueError` when the shapes disagree, a grade is below 0 or above `max_grade`, or a list holds more of a
    grade than `ideal`, which would let nDCG pass 1.
    """

    grades: Ints
    ideal: Ints
    max_grade: int

    def __post_init__(self) -> None:
        if self.grades.ndim != 2 or self.ideal.ndim != 2 or len(self.grades) != len(self.ideal):
            raise ValueError(f"grades [Q, L] and ideal [Q, K] disagree: {self.grades.shape}, {self.ideal.shape}")
        for name, array in (("grades", self.grades), ("ideal", self.ideal)):
            if array.size and not 0 <= array.min() <= array.max() <= self.max_grade:
                raise ValueError(f"{name} must be within 0..{self.max_grade}, got {array.min()}..{array.max()}")
        if np.any(np.diff(self.ideal, axis=1) > 0):
            raise ValueError("ideal must be sorted from the best grade down; make it with ideal_grades")
        best = -np.sort(-self.grades, axis=1)
        width = max(best.shape[1], self.ideal.shape[1])
        beyond = np.flatnonzero(np.any(first_columns(best, width) > first_columns(self.ideal, width), axis=1))
        if beyond.size:
            raise ValueError(f"row {beyond[0]}: the list holds better grades than its ideal; pass all judged grades")

    @property
    def relevant(self) -> Ints:
        """Number of relevant documents [Q] of each query in the whole collection: sum_k [ideal_k > 0]."""
        counts: Ints = (self.ideal > 0).sum(axis=1)
        return counts


def rank_grades(grades: npt.NDArray[np.integer], order: npt.NDArray[np.intp], ideal: Ints, max_grade: int) -> Ranked:
    """Candidates' grades [Q, L] put in the order [Q, L] that `ties.rank_order` gives."""
    return Ranked(np.take_along_axis(grades, order, axis=1).astype(np.int64), ideal, max_grade)


def ideal_grades(judged: Sequence[Sequence[int]]) -> Ints:
    """All judged grades of each query, ragged, as an array [Q, K]: sorted from the best down, padded with 0."""
    lengths = np.array([len(grades) for grades in judged], dtype=np.int64)
    flat = np.array([grade for grades in judged for grade in grades], dtype=np.int64)
    rows = np.repeat(np.arange(len(judged)), lengths)
    columns = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    padded = np.zeros((len(judged), lengths.max(initial=0)), dtype=np.int64)
    padded[rows, columns] = flat
    from_best: Ints = -np.sort(-padded, axis=1)
    return from_best


def first_columns(array: Ints, width: int) -> Ints:
    """The first `width` columns [Q, width], padded with 0 where there are fewer.

    Always a new array of the same memory layout: two equal rows are then summed in the same order, so the ideal ranking
    scores exactly 1 and never 1 + 2e-16.
    """
    padded = np.zeros((len(array), width), dtype=np.int64)
    padded[:, : array.shape[1]] = array[:, :width]
    return padded
