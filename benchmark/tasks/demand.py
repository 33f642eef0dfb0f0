"""How often each question is asked: the order comes from real demand, the traffic from a stated power law."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

from benchmark.hashing import seeded_hashes

_STOPWORDS = frozenset(STOPWORDS_EN_PLUS)
_WORD = re.compile(r"[a-z0-9]+")


def content_words(question: str) -> str:
    """The sorted set of stemmed content words: two questions with equal content words ask the same thing."""
    words = [word for word in _WORD.findall(question.lower()) if word not in _STOPWORDS]
    return " ".join(sorted(set(Stemmer.Stemmer("english").stemWords(words))))


def demand_groups(questions: Mapping[str, str]) -> tuple[dict[str, str], dict[str, int]]:
    """Group questions that ask the same thing.

    Returns the group of each qid (named by the group's first qid, so that no text of the collection is repeated in
    what is published) and the size of each group, which is the demand: how many users asked this.
    """
    names: dict[str, str] = {}
    group_of = {qid: names.setdefault(content_words(text), qid) for qid, text in questions.items()}
    sizes: dict[str, int] = {}
    for group in group_of.values():
        sizes[group] = sizes.get(group, 0) + 1
    return group_of, sizes


def demand_order(
    qids: Sequence[str], groups: Sequence[str], demand: npt.NDArray[np.int64], seed: int
) -> npt.NDArray[np.int64]:
    """Positions of `qids` from most to least demanded; ties by seeded hash of the group, then of the qid.

    A group's questions stay together, so a cut between groups never parts two questions that ask the same thing.
    """
    order: npt.NDArray[np.int64] = np.lexsort((seeded_hashes(seed, qids), seeded_hashes(seed, groups), -demand))
    return order


def zipf_impressions(count: int, exponent: float, total: int) -> npt.NDArray[np.int64]:
    """Impressions of the questions at ranks 1..count: n_r = max(1, round(total r^-s / sum_k k^-s)) for exponent s."""
    weight = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    impressions: npt.NDArray[np.int64] = np.maximum(1, np.rint(total * weight / weight.sum())).astype(np.int64)
    return impressions
