"""A system: a named, pluggable recipe that learns from a training view and re-ranks."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import ClassVar, TypeVar

import pyterrier as pt

from benchmark.errors import ConfigurationError, SystemFault
from benchmark.families import FAMILIES, Family
from benchmark.names import NAME
from benchmark.tasks.features import FeatureStore
from benchmark.training.curriculum import Curriculum
from benchmark.training.ranker import ListwiseRanker
from benchmark.training.view import TrainingView

SYSTEMS: dict[str, type[System]] = {}


class System:
    """What a baseline or a submission subclasses; its fields are its parameters and must have defaults.

    Give `curriculum` to train the track's ranker; override `fit` only where the system is no trained ranker (a floor, a
    fusion of rankings). `dev_choices` names what is chosen on dev.
    """

    name: ClassVar[str]
    family: ClassVar[Family]
    cite: ClassVar[str] = ""
    dev_choices: ClassVar[tuple[str, ...]] = ("epochs",)

    @classmethod
    def describe(cls) -> str:
        """The first line of the docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    def curriculum(self, view: TrainingView) -> Curriculum:
        """The stages to train, in order."""
        raise NotImplementedError(f"system {self.name}: define curriculum(view), or fit(view)")

    def ranker(self, features: FeatureStore) -> ListwiseRanker:
        """The untrained ranker: the track's own, which starts from the zero-shot cosine."""
        return ListwiseRanker(features.pairs, start=features.column("cosine"))

    def fit(self, view: TrainingView) -> pt.Transformer:
        """Train on the view; the transformer that comes back re-ranks results with columns qid and docno."""
        curriculum = self.curriculum(view)
        if not isinstance(curriculum, Curriculum):
            raise SystemFault(f"curriculum returned {type(curriculum).__name__}; return a Curriculum")
        return self.ranker(view.features).fit_curriculum(curriculum, view)


S = TypeVar("S", bound=System)


def system(name: str, *, family: Family, cite: str = "") -> Callable[[type[S]], type[S]]:
    """Declare a subclass of `System` under a name; its first docstring line is what the leaderboard says of it.

    Raises `ConfigurationError` for a name that is no plain one or is taken by another class, an unknown family, a
    missing docstring, or a parameter without a default.
    """

    def declare(cls: type[S]) -> type[S]:
        if not re.fullmatch(NAME, name):
            raise ConfigurationError(
                f"system {name!r}: a name is of small letters, digits and hyphens, as in my-fusion"
            )
        if family not in FAMILIES:
            raise ConfigurationError(f"system {name}: family {family!r} is none of {', '.join(FAMILIES)}")
        if not (cls.__doc__ or "").strip():
            raise ConfigurationError(f"system {name}: the class needs a docstring; its first line describes the system")
        taken = SYSTEMS.get(name)
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ConfigurationError(f"system {name}: the name is taken by {taken.__module__}.{taken.__qualname__}")
        try:
            declared = dataclasses.dataclass(frozen=True)(cls)
            declared()
        except (TypeError, ValueError) as error:
            raise ConfigurationError(
                f"system {name}: its parameters need defaults that never change: {error}"
            ) from error
        declared.name, declared.family, declared.cite = name, family, cite
        SYSTEMS[name] = declared
        return declared

    return declare
