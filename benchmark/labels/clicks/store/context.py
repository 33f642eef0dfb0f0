"""What the blocks of one import share."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmark.labels.clicks.store.problems import Place, Problems
from benchmark.labels.clicks.store.together import Together
from benchmark.labels.clicks.store.vocabulary import Vocabulary


@dataclass
class Context:
    """The file that is read, what was wrong so far, and of all files: numbers of qids and docnos, cut impressions."""

    place: Place
    problems: Problems
    qids: Vocabulary = field(default_factory=Vocabulary)
    docnos: Vocabulary = field(default_factory=Vocabulary)
    together: Together = field(default_factory=Together)
