"""Simulated clicks: stated users before stated pages. Nothing here is a click of a person.

A `Simulation` is a user (`UserModel`: attraction x browsing x random clicks) and a logging policy (`policies`); `draw`
makes logs of it and `variants` names those that the embedded task is swept over.
"""

from benchmark.labels.clicks.simulate.attraction import Attraction, document_quality
from benchmark.labels.clicks.simulate.browsing import BAIDU_EXAMINATION
from benchmark.labels.clicks.simulate.draw import Block, SimulatedPages, Simulator, simulate
from benchmark.labels.clicks.simulate.model import Simulation, UserModel
from benchmark.labels.clicks.simulate.random_clicks import RandomClicks
from benchmark.labels.clicks.simulate.summary import ClickThrough
from benchmark.labels.clicks.simulate.variants import NOISE, USERS, VARIANTS

__all__ = [
    "BAIDU_EXAMINATION",
    "NOISE",
    "USERS",
    "VARIANTS",
    "Attraction",
    "Block",
    "ClickThrough",
    "RandomClicks",
    "SimulatedPages",
    "Simulation",
    "Simulator",
    "UserModel",
    "document_quality",
    "simulate",
]
