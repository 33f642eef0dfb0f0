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
    from benchmark.labels.llm.labeller import LlmLabels as LlmLabels
    from benchmark.tasks.features import FeatureStore as FeatureStore
    from benchmark.training.curriculum import Curriculum as Curriculum
    from benchmark.training.curriculum import Objective as Objective
    from benchmark.training.curriculum import Stage as Stage
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
    "LlmLabels": "labels.llm.labeller",
    "FeatureStore": "tasks.features",
    "Curriculum": "training.curriculum",
    "Objective": "training.curriculum",
    "Stage": "training.curriculum",
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
