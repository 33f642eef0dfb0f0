"""Browsing models: how users go down a page. One family per file; `browsing` says what each offers."""

from benchmark.labels.clicks.simulate.browsing.bayesian import DynamicBayesian
from benchmark.labels.clicks.simulate.browsing.browsing import Browsing
from benchmark.labels.clicks.simulate.browsing.cascade import Cascade
from benchmark.labels.clicks.simulate.browsing.click_chain import ClickChain
from benchmark.labels.clicks.simulate.browsing.dependent import DependentClick
from benchmark.labels.clicks.simulate.browsing.position import BAIDU_EXAMINATION, PositionBased, TrustBias
from benchmark.labels.clicks.simulate.browsing.user_browsing import UserBrowsing

__all__ = [
    "BAIDU_EXAMINATION",
    "Browsing",
    "Cascade",
    "ClickChain",
    "DependentClick",
    "DynamicBayesian",
    "PositionBased",
    "TrustBias",
    "UserBrowsing",
]
