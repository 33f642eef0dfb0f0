"""Logging policies: how pages are made from a production ranking; `policy` says what each offers."""

from benchmark.labels.clicks.simulate.policies.mixture import Mixture
from benchmark.labels.clicks.simulate.policies.plackett_luce import PlackettLuce
from benchmark.labels.clicks.simulate.policies.policy import Policy
from benchmark.labels.clicks.simulate.policies.production import Production
from benchmark.labels.clicks.simulate.policies.shuffle import ShuffledTop, Uniform
from benchmark.labels.clicks.simulate.policies.swaps import AdjacentSwaps, SwapsWithFirst
from benchmark.labels.clicks.simulate.policies.top import Top

__all__ = [
    "AdjacentSwaps",
    "Mixture",
    "PlackettLuce",
    "Policy",
    "Production",
    "ShuffledTop",
    "SwapsWithFirst",
    "Top",
    "Uniform",
]
