"""What every browsing model offers."""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Clicks = npt.NDArray[np.bool_]


class Browsing(Protocol):
    """How a user goes down I pages of K documents, given `attraction` and `satisfaction` [I, K]."""

    uses_satisfaction: ClassVar[bool]

    def draw(self, attraction: Floats, satisfaction: Floats, rng: np.random.Generator) -> Clicks:
        """Simulated clicks [I, K]; exactly I * K uniforms are taken from `rng`, so every model uses as many."""
        ...

    def marginal(self, attraction: Floats, satisfaction: Floats) -> Floats:
        """P(c_k = 1) of each document [I, K], exact."""
        ...

    def conditional(self, attraction: Floats, satisfaction: Floats, clicked: Clicks) -> Floats:
        """P(c_k = 1 | c_1 .. c_{k-1}) of each document [I, K], exact: its product over a page is the likelihood."""
        ...

    def describe(self) -> str:
        """The model and its parameters, in a phrase."""
        ...
