"""click-or-llm: when should a ranker learn from clicks, when from LLM annotations, and how are the two best combined?

These names are all that a system may use, baseline and submission alike. They load on first use, so that a command
which trains nothing starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.labels.clicks.labels import ClickLabels as ClickLabels
    from benchmark.labels.human import HumanLabels as HumanLabels
    from benchmark.labels.llm.labeller import LlmGains as LlmGains
    from benchmark.labels.llm.labeller import LlmLabels as LlmLabels
    from benchmark.labels.llm.labeller import LlmValues as LlmValues
    from benchmark.labels.llm.labeller import llm_grades as llm_grades
    from benchmark.labels.llm.labeller import llm_preferences as llm_preferences
    from benchmark.labels.llm.selection.labeller import SelectedLlmLabels as SelectedLlmLabels
    from benchmark.tasks.features import FeatureStore as FeatureStore
    from benchmark.training.clicks.affine import AffineListwise as AffineListwise
    from benchmark.training.clicks.affine import AffinePointwise as AffinePointwise
    from benchmark.training.clicks.dla import DualLearning as DualLearning
    from benchmark.training.clicks.doubly_robust import DoublyRobustListwise as DoublyRobustListwise
    from benchmark.training.clicks.doubly_robust import DoublyRobustPointwise as DoublyRobustPointwise
    from benchmark.training.clicks.doubly_robust import doubly_robust_evidence as doubly_robust_evidence
    from benchmark.training.clicks.examination import estimated_examination as estimated_examination
    from benchmark.training.clicks.ips import IpsListwise as IpsListwise
    from benchmark.training.clicks.ips import IpsPointwise as IpsPointwise
    from benchmark.training.clicks.ips import PolicyAwareListwise as PolicyAwareListwise
    from benchmark.training.clicks.ips import SnipsListwise as SnipsListwise
    from benchmark.training.clicks.naive import NaiveListwise as NaiveListwise
    from benchmark.training.clicks.naive import NaivePointwise as NaivePointwise
    from benchmark.training.clicks.pairwise import PairwiseDebiased as PairwiseDebiased
    from benchmark.training.clicks.regression_em import RegressionEm as RegressionEm
    from benchmark.training.clicks.trust_bias import estimated_trust_bias as estimated_trust_bias
    from benchmark.training.clicks.two_tower import TwoTower as TwoTower
    from benchmark.training.curriculum import Curriculum as Curriculum
    from benchmark.training.curriculum import Objective as Objective
    from benchmark.training.curriculum import Stage as Stage
    from benchmark.training.llm.grades import GradeLikelihood as GradeLikelihood
    from benchmark.training.llm.positives import summed_positives_loss as summed_positives_loss
    from benchmark.training.llm.preferences import RankNet as RankNet
    from benchmark.training.llm.rankings import ranking_loss as ranking_loss
    from benchmark.training.losses import softmax_loss as softmax_loss
    from benchmark.training.ranker import ListwiseRanker as ListwiseRanker
    from benchmark.training.scorer import PairScorer as PairScorer
    from benchmark.training.scorer import ReciprocalRank as ReciprocalRank
    from benchmark.training.system import System as System
    from benchmark.training.system import system as system
    from benchmark.training.view import TrainingView as TrainingView

_HOME = {
    "ClickLabels": "labels.clicks.labels",
    "HumanLabels": "labels.human",
    "LlmGains": "labels.llm.labeller",
    "LlmLabels": "labels.llm.labeller",
    "LlmValues": "labels.llm.labeller",
    "llm_grades": "labels.llm.labeller",
    "llm_preferences": "labels.llm.labeller",
    "SelectedLlmLabels": "labels.llm.selection.labeller",
    "FeatureStore": "tasks.features",
    "AffineListwise": "training.clicks.affine",
    "AffinePointwise": "training.clicks.affine",
    "DualLearning": "training.clicks.dla",
    "DoublyRobustListwise": "training.clicks.doubly_robust",
    "DoublyRobustPointwise": "training.clicks.doubly_robust",
    "doubly_robust_evidence": "training.clicks.doubly_robust",
    "estimated_examination": "training.clicks.examination",
    "IpsListwise": "training.clicks.ips",
    "IpsPointwise": "training.clicks.ips",
    "PolicyAwareListwise": "training.clicks.ips",
    "SnipsListwise": "training.clicks.ips",
    "NaivePointwise": "training.clicks.naive",
    "NaiveListwise": "training.clicks.naive",
    "PairwiseDebiased": "training.clicks.pairwise",
    "RegressionEm": "training.clicks.regression_em",
    "estimated_trust_bias": "training.clicks.trust_bias",
    "TwoTower": "training.clicks.two_tower",
    "Curriculum": "training.curriculum",
    "Objective": "training.curriculum",
    "Stage": "training.curriculum",
    "GradeLikelihood": "training.llm.grades",
    "summed_positives_loss": "training.llm.positives",
    "RankNet": "training.llm.preferences",
    "ranking_loss": "training.llm.rankings",
    "softmax_loss": "training.losses",
    "ListwiseRanker": "training.ranker",
    "PairScorer": "training.scorer",
    "ReciprocalRank": "training.scorer",
    "System": "training.system",
    "system": "training.system",
    "TrainingView": "training.view",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'benchmark' has no attribute {name!r}")
    return getattr(import_module(f"benchmark.{_HOME[name]}"), name)
