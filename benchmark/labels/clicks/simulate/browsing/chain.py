"""Users who read from the top and stop somewhere: what cascade, DCM, DBN and CCM have in common."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from benchmark.labels.clicks.simulate.browsing.browsing import Clicks, Floats


class Chain:
    """E_1 = 1; c_k = E_k A_k with P(A_k = 1) = a_k; E_{k+1} = 1 with the probability of `after_click` if c_k = 1, of
    `after_skip` if E_k = 1 and c_k = 0, and never if E_k = 0. Subclasses say what the two are.
    """

    uses_satisfaction: ClassVar[bool] = False

    def after_click(self, rank: int, attraction: Floats, satisfaction: Floats) -> Floats | float:
        """P(E_{k+1} = 1 | c_k = 1), for the documents at rank index `rank` [I] or for all alike."""
        raise NotImplementedError

    def after_skip(self) -> float:
        """P(E_{k+1} = 1 | E_k = 1, c_k = 0)."""
        return 1.0

    def draw(self, attraction: Floats, satisfaction: Floats, rng: np.random.Generator) -> Clicks:
        """Simulated clicks [I, K].

        One uniform decides both what happens at a rank and whether the user goes on: [0, a) is a click, and the lower
        part of each of [0, a) and [a, 1), as large as its probability of going on, goes on.
        """
        uniform = rng.random(attraction.shape)
        clicked = uniform < attraction
        reading = np.ones(len(attraction), dtype=bool)
        for k in range(attraction.shape[1]):
            a, u, click = attraction[:, k], uniform[:, k], clicked[:, k]
            further = np.where(
                click, u < a * self.after_click(k, a, satisfaction[:, k]), u - a < (1 - a) * self.after_skip()
            )
            click &= reading  # a view: the clicks below the last examined document are taken back
            reading &= further
        return clicked

    def marginal(self, attraction: Floats, satisfaction: Floats) -> Floats:
        """P(c_k = 1) = e_k a_k with e_{k+1} = e_k (a_k after_click_k + (1 - a_k) after_skip) [I, K]."""
        found = np.empty_like(attraction)
        examined = np.ones(len(attraction))
        for k in range(attraction.shape[1]):
            a = attraction[:, k]
            found[:, k] = examined * a
            examined = examined * (a * self.after_click(k, a, satisfaction[:, k]) + (1 - a) * self.after_skip())
        return found

    def conditional(self, attraction: Floats, satisfaction: Floats, clicked: Clicks) -> Floats:
        """P(c_k = 1 | clicks above) = e_k a_k [I, K], e_k = P(E_k = 1 | clicks above).

        e_{k+1} is after_click_k after a click, and after_skip * e_k (1 - a_k) / (1 - e_k a_k) without one.
        """
        found = np.empty_like(attraction)
        examined = np.ones(len(attraction))
        for k in range(attraction.shape[1]):
            a = attraction[:, k]
            found[:, k] = examined * a
            missed = 1 - found[:, k]
            still = np.divide(examined * (1 - a), missed, out=np.zeros_like(missed), where=missed > 0)
            examined = np.where(clicked[:, k], self.after_click(k, a, satisfaction[:, k]), self.after_skip() * still)
        return found
