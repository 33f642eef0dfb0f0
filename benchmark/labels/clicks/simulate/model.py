"""A simulation: who looks, and at what."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.simulate.attraction import Attraction
from benchmark.labels.clicks.simulate.browsing import Browsing, PositionBased
from benchmark.labels.clicks.simulate.checks import check_probabilities
from benchmark.labels.clicks.simulate.policies import PlackettLuce, Policy
from benchmark.labels.clicks.simulate.random_clicks import RandomClicks


@dataclass(frozen=True)
class UserModel:
    """A simulated user: what attracts and satisfies them, how they go down a page, what they click by accident.

    `satisfaction` is P(satisfied by d | clicked) by grade; only some browsing models ask for it. Document quality
    attracts and does not satisfy. Defaults are chosen, not published.
    """

    attraction: Attraction = field(default_factory=Attraction)
    browsing: Browsing = field(default_factory=PositionBased)
    satisfaction: tuple[float, ...] = (0.1, 0.7)
    random: RandomClicks = field(default_factory=RandomClicks)

    def __post_init__(self) -> None:
        check_probabilities("UserModel", "satisfaction", self.satisfaction)

    def describe(self) -> str:
        """Everything that the user is made of, in a phrase."""
        satisfied = ", ".join(f"{value:g}" for value in self.satisfaction)
        parts = (
            self.browsing.describe(),
            self.attraction.describe(),
            f"satisfaction {satisfied} by grade" if self.browsing.uses_satisfaction else "",
            self.random.describe(),
        )
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Simulation:
    """A user, the policy that makes the pages, and how many documents (K) a page has."""

    user: UserModel = field(default_factory=UserModel)
    policy: Policy = field(default_factory=PlackettLuce)
    page_size: int = 10

    def __post_init__(self) -> None:
        if self.page_size < 1:
            raise ConfigurationError(f"Simulation: page_size is {self.page_size}; give at least 1")

    def describe(self) -> str:
        """Everything that the simulation is made of, in one line."""
        return f"{self.user.describe()}; pages: {self.policy.describe()}"
