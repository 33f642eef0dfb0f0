"""From rows of judgments to labels of the candidate lists."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from benchmark.agreement.arrays import Bools, Floats
from benchmark.agreement.best_grade import best_grade
from benchmark.agreement.labelling import Labelling, Preferred, Shown
from benchmark.errors import DataError
from benchmark.labels.llm.grades import expected_grades
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.judgments.places import places
from benchmark.labels.llm.list_scores import list_scores, list_values
from benchmark.tasks.task import Questions

OUTSIDE = "outside the list"
RESOLUTION = 2.0**-14
"""Log-odds that lie closer are a tie: log-probabilities are kept to five digits. A power of two, so that the coarse
logits of a judge in bfloat16, multiples of larger ones, never lie between two steps."""


def labelling_of(name: str, judgments: Judgments, questions: Questions) -> Labelling:
    """The judgments as labels of the candidate lists of `questions`; with what else went into them."""
    return judged(
        f"{name}{judgments.metadata.told}", judgments, questions.qids, questions.docnos, top=best_grade(judgments)
    )


def judged(
    name: str, judgments: Judgments, qids: npt.ArrayLike, docnos: npt.ArrayLike, *, top: int | None = None
) -> Labelling:
    """The judgments as labels of the lists `docnos` [Q, L] of `qids` [Q]; `top` is the best grade of a scale of grades.

    Values are the `list_scores` that systems learn from, so documents stand here in the order in which they are learned
    from; log-odds in steps of `RESOLUTION`. What was given besides, the probability of a yes-no judge and what
    categories are made of, is the mean over the orders of a list on the judgments' own scale (`list_values`).
    Categories: yes-no P >= 1/2, a selection in at least half of the orders, a grade the mean of those given, rounded
    (half up); none of likelihoods, ranks and preferences, nor of grades whose best is not known: the best one that was
    given may not be it. A judge that only wrote yes or no, stored as 1 and 0, tells no probability. Raises `DataError`
    for a grade beyond the scale.
    """
    frame, made, lists = judgments.table, judgments.metadata, np.asarray(docnos)
    row, column = places(frame["qid"], frame["docno"], qids, lists)
    known = row >= 0
    ok = known & judgments.ok
    statuses = {
        str(name): int(count) for name, count in frame["status"].astype(str)[known].value_counts().sort_index().items()
    }
    if outside := int((~known).sum()):
        statuses[OUTSIDE] = outside
    shown = preferred = None
    value = _values(judgments)[ok]
    place, order = (frame[name].to_numpy(np.int64)[ok] for name in ("position", "order"))
    if judgments.scale == "preference":
        docno, other = (frame[name].to_numpy(dtype=str)[ok] for name in ("docno", "other"))
        preferred = _preferred(Preferred(row[ok], docno, other, place, value), judgments.log_probabilities[ok])
    elif len(place) and (place.max() > 1 or order.max() > 0):
        shown = Shown(row[ok], column[ok], place, order, value)
    scores, given = (numbers(judgments, qids, lists) for numbers in (list_scores, list_values))
    return Labelling(
        name,
        "llm",
        np.round(scores / RESOLUTION) * RESOLUTION if judgments.scale == "yes-no" else scores,
        _categories(name, given, judgments, top),
        top if top and judgments.scale == "grade" else 1,
        probability=given if _tells_probability(judgments) else None,
        scale=judgments.scale,
        method=made.method,
        model=made.model.name,
        prompt=", ".join(made.prompts),
        language=", ".join(sorted({prompt.language for prompt in made.prompts.values()})),
        shuffled=made.settings.get("shuffle") is True,
        weights=made.model.file_sha256 or made.model.served_by,
        wording=tuple(sorted(prompt.sha256 for prompt in made.prompts.values())),
        statuses=statuses,
        mass=_mass(judgments, known),
        shown=shown,
        preferred=preferred,
    )


def _mass(judgments: Judgments, known: Bools) -> float | None:
    """Mean probability of the answers that were asked for; of a preference, of both orders. None where none is told.

    A rank has the probability of one letter, which is no mass of all, and a likelihood has no answers.
    """
    if judgments.scale not in ("yes-no", "grade", "preference"):
        return None
    mass = judgments.mass[known & judgments.ok] / (2 if judgments.scale == "preference" else 1)
    told = mass[~np.isnan(mass)]
    return float(told.mean()) if len(told) else None


def _tells_probability(judgments: Judgments) -> bool:
    if judgments.scale != "yes-no":
        return False
    value = judgments.table["value"].to_numpy(np.float64)
    between = ((value > 0) & (value < 1)).any()
    return bool(between or not np.isnan(judgments.log_probabilities[judgments.ok]).all())


def _values(judgments: Judgments) -> Floats:
    """What each judgment [m] says of its document at its place, higher for better."""
    given = judgments.table["value"].to_numpy(np.float64)
    if judgments.scale == "rank":
        return -given
    return expected_grades(given, judgments.log_probabilities) if judgments.scale == "grade" else given


def _preferred(pairs: Preferred, log_p: Floats) -> Preferred:
    """Both orders of a pair where the judge told (log P(A), log P(B)) of each; of the others what was stored.

    A is the document shown first: `docno` in the first order, `other` in the second.
    """
    if log_p.shape[1] != 4:
        return pairs
    told = ~np.isnan(log_p).any(axis=1)
    forward, backward = expit(log_p[told, 0] - log_p[told, 1]), expit(log_p[told, 3] - log_p[told, 2])
    both, rest = np.flatnonzero(told), np.flatnonzero(~told)
    rows = np.concatenate([rest, both, both])
    return Preferred(
        pairs.query[rows],
        pairs.docno[rows],
        pairs.other[rows],
        position=np.concatenate([pairs.position[rest], np.full(len(both), 1), np.full(len(both), 2)]),
        value=np.concatenate([pairs.value[rest], forward, backward]),
    )


def _categories(name: str, given: Floats, judgments: Judgments, top: int | None) -> Floats | None:
    if judgments.scale in ("yes-no", "selection"):
        return np.where(np.isnan(given), np.nan, (given >= 0.5).astype(np.float64))
    if judgments.scale != "grade" or top is None:
        return None
    grades = judgments.table["value"].to_numpy(np.float64)[judgments.ok]
    if ((grades < 0) | (grades > top)).any():
        raise DataError(f"judgments {name}: a grade is not between 0 and {top}; restore the published file")
    return np.floor(given + 0.5)
