"""Users whose click at a rank does not depend on their other clicks: position-based, and with trust in the rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate.browsing.browsing import Clicks, Floats
from benchmark.labels.clicks.simulate.checks import by_rank, check_probabilities
from benchmark.labels.clicks.simulate.words import span

# Examination by rank, all-pairs estimate on Baidu-ULTR: Hager et al., SIGIR 2024 (reproducibility study).
BAIDU_EXAMINATION = (1.0, 0.674, 0.414, 0.293, 0.208, 0.171, 0.136, 0.117, 0.084, 0.058)


class Independent:
    """Clicks that are independent of each other given the page: a coin for each document."""

    uses_satisfaction: ClassVar[bool] = False

    def marginal(self, attraction: Floats, satisfaction: Floats) -> Floats:
        """P(c_k = 1) [I, K]."""
        raise NotImplementedError

    def draw(self, attraction: Floats, satisfaction: Floats, rng: np.random.Generator) -> Clicks:
        """Simulated clicks [I, K]."""
        probability = self.marginal(attraction, satisfaction)
        return rng.random(probability.shape) < probability

    def conditional(self, attraction: Floats, satisfaction: Floats, clicked: Clicks) -> Floats:
        """P(c_k = 1 | clicks above) [I, K], which is the marginal."""
        return self.marginal(attraction, satisfaction)


@dataclass(frozen=True)
class PositionBased(Independent):
    """P(c_k = 1) = examination[k] * attraction. Default: `BAIDU_EXAMINATION`.

    Source: Craswell et al., An Experimental Comparison of Click Position-Bias Models, WSDM 2008 (examination).
    """

    examination: tuple[float, ...] = BAIDU_EXAMINATION

    def __post_init__(self) -> None:
        check_probabilities("PositionBased", "examination", self.examination)

    def marginal(self, attraction: Floats, satisfaction: Floats) -> Floats:
        """P(c_k = 1) [I, K]."""
        return by_rank("PositionBased", "examination", self.examination, attraction.shape[1]) * attraction

    def describe(self) -> str:
        """The parameters, in a phrase."""
        return f"position-based (examination {span(self.examination)})"


@dataclass(frozen=True)
class TrustBias(Independent):
    """P(c_k = 1) = alpha[k] * attraction + beta[k]: an examined document is clicked for its rank as well.

    With examination theta_k, and an examined document taken for attractive with probability e+_k when it is and e-_k
    when it is not: alpha_k = theta_k (e+_k - e-_k), beta_k = theta_k e-_k. Sources: Agarwal et al., Addressing Trust
    Bias for Unbiased Learning-to-Rank, WWW 2019; Vardasbi et al., When Inverse Propensity Scoring does not Work, CIKM
    2020 (the affine form).
    """

    alpha: tuple[float, ...]
    beta: tuple[float, ...]

    def __post_init__(self) -> None:
        check_probabilities("TrustBias", "beta", self.beta)
        both = [a + b for a, b in zip(self.alpha, self.beta, strict=False)]
        if len(self.alpha) != len(self.beta) or not all(0 <= chance <= 1 + 1e-12 for chance in both):
            raise ConfigurationError(
                "TrustBias: alpha + beta must be a probability at each rank; give as many of both, with sums in [0, 1]"
            )

    @classmethod
    def of(
        cls,
        examination: tuple[float, ...] = BAIDU_EXAMINATION,
        attractive: tuple[float, ...] = (1.0,) * 10,
        unattractive: tuple[float, ...] = (0.4, 0.2, 0.13, 0.1, 0.08, 0.07, 0.06, 0.05, 0.045, 0.04),
    ) -> TrustBias:
        """From theta, e+ and e-. Defaults of e+ and e- are chosen, not published: e- falls as 0.4 / rank."""
        parts = list(zip(examination, attractive, unattractive, strict=True))
        return cls(tuple(t * (up - down) for t, up, down in parts), tuple(t * down for t, _, down in parts))

    def marginal(self, attraction: Floats, satisfaction: Floats) -> Floats:
        """P(c_k = 1) [I, K]."""
        page = attraction.shape[1]
        alpha, beta = (by_rank("TrustBias", name, getattr(self, name), page) for name in ("alpha", "beta"))
        return np.minimum(alpha * attraction + beta, 1.0)

    def describe(self) -> str:
        """The parameters, in a phrase."""
        return f"trust bias (alpha {span(self.alpha)}, beta {span(self.beta)})"
