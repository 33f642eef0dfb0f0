"""Whose labels they are: a judge's, the experts', or those of clicks; one shape for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.agreement.arrays import Bools, Floats, Ints

Kind = Literal["human", "clicks", "llm", "order"]
"""`order`: the first stage's own, as a control."""


@dataclass(frozen=True, eq=False)
class Shown:
    """Judgments [N] that have a value: of which query (row) and document (column), at which place of the prompt.

    `order` is the permutation of the list, from 0.
    """

    query: Ints
    document: Ints
    position: Ints
    order: Ints
    value: Floats

    def where(self, place: Ints) -> Shown:
        """The judgments of the queries whose new row `place` [Q] is not -1."""
        kept = place[self.query] >= 0
        rest = {name: getattr(self, name)[kept] for name in self.__dataclass_fields__ if name != "query"}
        return Shown(query=place[self.query[kept]], **rest)


@dataclass(frozen=True, eq=False)
class Preferred:
    """Preferences [N]: `value` from 1 for `docno` to 0 for `other`; `position` 1 or 2 is where `docno` stood."""

    query: Ints
    docno: npt.NDArray[np.str_]
    other: npt.NDArray[np.str_]
    position: Ints
    value: Floats

    def where(self, place: Ints) -> Preferred:
        """The preferences of the queries whose new row `place` [Q] is not -1."""
        kept = place[self.query] >= 0
        rest = {name: getattr(self, name)[kept] for name in self.__dataclass_fields__ if name != "query"}
        return Preferred(query=place[self.query[kept]], **rest)


@dataclass(frozen=True, eq=False)
class Labelling:
    """Labels of the candidate lists [Q, L], NaN where there is none.

    `values` order the documents: higher is better. `categories` are 0 ... `top`, None where the labels have none (a
    likelihood, a rank). `probability`: of relevance, None where the labels tell none. `model`, `prompt`, `method` and
    `language` of a judge, and what tells two apart that are called the same: its `weights` and the `wording` of its
    prompts; `shuffled`: it saw lists in an order drawn at random; `statuses`: how many judgments ended how;
    `mass`: the probability that the model gave to the answers it was asked for, on average, where it told.
    """

    name: str
    kind: Kind
    values: Floats
    categories: Floats | None = None
    top: int = 1
    probability: Floats | None = None
    scale: str = ""
    method: str = ""
    model: str = ""
    prompt: str = ""
    language: str = ""
    shuffled: bool = False
    weights: str = ""
    wording: tuple[str, ...] = ()
    statuses: dict[str, int] | None = None
    mass: float | None = None
    shown: Shown | None = None
    preferred: Preferred | None = None

    @property
    def queries(self) -> Bools:
        """Which queries [Q] have a label at all."""
        return np.asarray((~np.isnan(self.values)).any(axis=1))

    def relevant(self) -> Floats | None:
        """1 where the category lies in the upper half of the scale (above top / 2), else 0; NaN where there is none."""
        if self.categories is None:
            return None
        return np.where(np.isnan(self.categories), np.nan, (self.categories > self.top / 2).astype(np.float64))

    def where(self, mask: Bools) -> Labelling:
        """The same labels of the queries for which `mask` [Q] holds."""
        place = np.where(mask, np.cumsum(mask) - 1, -1)
        return replace(
            self,
            values=self.values[mask],
            categories=None if self.categories is None else self.categories[mask],
            probability=None if self.probability is None else self.probability[mask],
            shown=None if self.shown is None else self.shown.where(place),
            preferred=None if self.preferred is None else self.preferred.where(place),
        )
