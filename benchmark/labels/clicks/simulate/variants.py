"""The simulations that the embedded task is offered under: its own, and those it is swept over.

No parameter here is published but the examination of position-based users: the others are chosen so that pages get
between about half a click and two clicks, as a sweep over what a reader may think of users, not as a claim about them.
"""

from __future__ import annotations

from benchmark.labels.clicks.simulate.attraction import Attraction
from benchmark.labels.clicks.simulate.browsing import (
    Browsing,
    Cascade,
    DependentClick,
    DynamicBayesian,
    PositionBased,
    TrustBias,
    UserBrowsing,
)
from benchmark.labels.clicks.simulate.model import Simulation, UserModel
from benchmark.labels.clicks.simulate.policies import ShuffledTop, Top
from benchmark.labels.clicks.simulate.random_clicks import RandomClicks

USERS: dict[str, Browsing] = {
    "pbm": PositionBased(),
    "cascade": Cascade(),
    "dcm": DependentClick(),
    "dbn": DynamicBayesian(),
    "ubm": UserBrowsing.product(),
    "trust": TrustBias.of(),
}

NOISE = {
    "low": (Attraction.binary(relevant=0.9, noise=0.1), RandomClicks()),
    "mid": (Attraction.binary(relevant=0.6, noise=0.2), RandomClicks()),
    "strong": (Attraction.binary(relevant=0.6, noise=0.3), RandomClicks(documents=0.02)),
}
"""How far apart the attractions of relevant and other documents lie, and how often one is clicked by accident."""

VARIANTS = {
    "": Simulation(),
    "quality-none": Simulation(UserModel(Attraction.binary(quality=0.0))),
    "quality-strong": Simulation(UserModel(Attraction.binary(quality=1.5))),
    "noise-strong": Simulation(UserModel(Attraction.binary(noise=0.3))),
    "logging-production": Simulation(policy=Top()),
    "logging-shuffled": Simulation(policy=ShuffledTop(10)),
} | {
    f"{user}-{level}": Simulation(UserModel(attraction, browsing, random=random))
    for user, browsing in USERS.items()
    for level, (attraction, random) in NOISE.items()
}
