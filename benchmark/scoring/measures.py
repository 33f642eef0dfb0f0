"""The measures: each a declaration of a name, a line that says what it is, and a function of `Ranked` lists.

Lists come with their ties already broken (`ties`). Values agree with ir-measures given the full qrels, gains 2^g - 1;
ERR with the formula of its paper: the ERR of ir-measures takes the qid `1-2` for `2` and finds none of its grades.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmark.errors import ConfigurationError
from benchmark.scoring.ranked import Floats, Ints, Ranked, first_columns


@dataclass(frozen=True)
class Measure:
    """A measure: `function` maps Q ranked lists to Q values within [0, 1]."""

    name: str
    description: str
    function: Callable[[Ranked], Floats]

    def __call__(self, ranked: Ranked) -> Floats:
        """Values [Q] of Q ranked lists."""
        return self.function(ranked)


def ndcg(ranked: Ranked, k: int) -> Floats:
    """nDCG@k [Q] = DCG@k / ideal DCG@k, DCG@k = sum_{r<=k} (2^g_r - 1) / log2(1 + r) (Burges et al., ICML 2005).

    The ideal ranking is of all judged documents; a query that has no relevant document scores 0, as in trec_eval.
    """
    ideal = _dcg(ranked.ideal, k)
    return _ratio(_dcg(ranked.grades, k), ideal)


def _dcg(grades: Ints, k: int) -> Floats:
    gains = np.exp2(first_columns(grades, k)) - 1
    dcg: Floats = (gains / np.log2(np.arange(2, k + 2))).sum(axis=1)
    return dcg


def err(ranked: Ranked, k: int) -> Floats:
    """ERR@k [Q] = sum_{r<=k} R_r / r prod_{i<r} (1 - R_i), R = (2^g - 1) / 2^max_grade (Chapelle et al., CIKM 2009).

    R is the chance that the user stops at a document, 1/2 for a relevant one where grades are binary; hence ERR of an
    ideal ranking is below 1.
    """
    stop = (np.exp2(first_columns(ranked.grades, k)) - 1) / 2.0**ranked.max_grade
    reached = np.cumprod(np.hstack([np.ones((len(stop), 1)), 1 - stop[:, :-1]]), axis=1)
    values: Floats = (stop * reached / np.arange(1, k + 1)).sum(axis=1)
    return values


def reciprocal_rank(ranked: Ranked) -> Floats:
    """RR [Q] = 1 / rank of the first document with a grade above 0; 0 where the list holds none."""
    values: Floats = ((ranked.grades > 0) / _ranks(ranked)).max(axis=1, initial=0.0)
    return values


def average_precision(ranked: Ranked) -> Floats:
    """AP [Q] = sum_r [g_r > 0] P@r / (number of relevant documents in the collection); 0 where there are none."""
    hits = ranked.grades > 0
    return _ratio((hits * np.cumsum(hits, axis=1) / _ranks(ranked)).sum(axis=1), ranked.relevant)


def _ratio(part: Floats, whole: Floats | Ints) -> Floats:
    """part / whole, and 0 where the whole is 0: the query has no relevant document."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _ranks(ranked: Ranked) -> Ints:
    return np.arange(1, ranked.grades.shape[1] + 1)


HEADLINE = "nDCG@10"
MEASURES = (
    Measure("nDCG@10", "normalised discounted cumulative gain of the first 10, gain 2^g - 1", partial(ndcg, k=10)),
    Measure("nDCG@1", "gain of the first document over the best gain there is", partial(ndcg, k=1)),
    Measure("nDCG@3", "normalised discounted cumulative gain of the first 3, gain 2^g - 1", partial(ndcg, k=3)),
    Measure("nDCG@5", "normalised discounted cumulative gain of the first 5, gain 2^g - 1", partial(ndcg, k=5)),
    Measure("ERR@10", "expected reciprocal rank of the document at which a user stops", partial(err, k=10)),
    Measure("RR", "reciprocal rank of the first relevant document", reciprocal_rank),
    Measure("AP", "precision at each relevant document, averaged over all relevant ones", average_precision),
)


def measure_named(name: str) -> Measure:
    """The declared measure of that name; raises `ConfigurationError` with the nearest name."""
    names = [measure.name for measure in MEASURES]
    if name in names:
        return MEASURES[names.index(name)]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    raise ConfigurationError(f"no measure {name!r}; did you mean {near[0]!r}? There are: {', '.join(names)}")


def score(ranked: Ranked) -> dict[str, Floats]:
    """Values [Q] of every declared measure, by name, in the order of `MEASURES`."""
    return {measure.name: measure(ranked) for measure in MEASURES}
