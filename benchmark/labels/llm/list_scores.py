"""What judgments say of the documents of candidate lists, one number or a few for each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.grades import expected_grades, shares
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.judgments.places import mean_by_place, places
from benchmark.labels.llm.tournament import strengths

Floats = npt.NDArray[np.float64]
_CERTAIN = float(logit(1 - 1e-6))
"""Log-odds of a "yes" of which only the word is known, unless others told greater ones."""


def list_scores(judgments: Judgments, qids: npt.ArrayLike, docnos: npt.ArrayLike) -> Floats:
    """Scores s [n, L] of the documents in the lists `docnos` [n, L] of `qids` [n], larger for better; NaN without one.

    Such that exp(s) is the natural weight of a document in its list:

    yes-no       log(p / (1 - p)), p = P(yes). With independent judgments, "document i answers and no other does" has
                 probability p_i prod_{j != i} (1 - p_j), which is its odds times a factor that all documents share.
                 A service tells a word alone where the other answer was too unlikely to be told, so such a document
                 stands beyond all that were told, as far as the surest of them.
    likelihood   log P(question | document): the posterior of the document that the question was asked of, all equally
                 likely before (Ponte & Croft, SIGIR 1998).
    grade        sum_g g P(g), from the probabilities of the grades where the judge gave them, else the grade.
    selection    the share of the orders of the list in which the document was selected: an order of the documents,
                 whose exp(s) says little; `LlmValues` with `summed_positives_loss` learn from the shares themselves.
    rank         -log r, r the mean rank: the weight is 1 / r.
    preference   log strength in the Bradley-Terry model: the weight is the chance to be preferred to all others.

    Of a document that was judged in several orders, the mean.
    """
    if judgments.scale == "preference":
        return _of_asked(judgments, qids, docnos, strengths)
    values = _mean_over_orders(judgments, _scores(judgments), qids, docnos)
    return -np.log(values) if judgments.scale == "rank" else values


def _scores(judgments: Judgments) -> Floats:
    """Of each judgment [m]."""
    log_p = judgments.log_probabilities
    value = judgments.table["value"].to_numpy(np.float64)
    if judgments.scale == "yes-no":
        told = log_p[:, 0] - log_p[:, 1] if log_p.shape[1] == 2 else np.full(len(value), np.nan)
        certain = float(np.nanmax(np.abs(told), initial=_CERTAIN))
        return np.where(np.isnan(told), np.clip(logit(value), -certain, certain), told)
    return expected_grades(value, log_p) if judgments.scale == "grade" else value


def list_values(judgments: Judgments, qids: npt.ArrayLike, docnos: npt.ArrayLike) -> Floats:
    """Values [n, L] on the judgments' own scale (see `Judgment`), means over orders; NaN where there is none.

    Of preferences the share that a document won.
    """
    if judgments.scale == "preference":
        return _of_asked(judgments, qids, docnos, _share_won)
    return _mean_over_orders(judgments, judgments.table["value"].to_numpy(np.float64), qids, docnos)


def _share_won(compared: Floats) -> Floats:
    """The share of its comparisons that each document won [n, L], of `preferences` [n, L, L, 2]; NaN without one."""
    won, asked = np.moveaxis(compared, -1, 0)
    total = asked.sum(axis=2)
    return np.asarray(np.divide((won * asked).sum(axis=2), total, out=np.full(total.shape, np.nan), where=total > 0))


def grade_probabilities(judgments: Judgments, qids: npt.ArrayLike, docnos: npt.ArrayLike) -> Floats:
    """P(grade) [n, L, G + 1] of the grades 0 to G, as the judge weighs them among themselves; NaN without a judgment.

    Where it told some probabilities and of this document the grade only, as services do, that grade is certain. Raises
    `ConfigurationError` for judgments of which none tells the probabilities of grades.
    """
    if judgments.scale != "grade" or judgments.log_probabilities.shape[1] < 2:
        raise ConfigurationError(
            f"{judgments.metadata.method}: no probabilities of grades are told; use a pointwise graded method"
        )
    log_p = judgments.log_probabilities
    certain = judgments.table["value"].to_numpy(np.float64)[:, None] == np.arange(log_p.shape[1])
    p = np.where(np.isnan(log_p).any(axis=1, keepdims=True), certain, shares(log_p))
    return _mean_over_orders(judgments, p, qids, docnos)


def preferences(judgments: Judgments, qids: npt.ArrayLike, docnos: npt.ArrayLike) -> Floats:
    """[n, L, L, 2]: p_ij, how far document i was preferred to j (1 wholly, 0.5 a tie), and how often it was asked.

    A pair whose judgment tells the log-probabilities of both orders was asked twice. p_ji = 1 - p_ij; both numbers are
    0 where the two were not compared. Raises `ConfigurationError` for judgments that are no preferences.
    """
    if judgments.scale != "preference":
        raise ConfigurationError(
            f"{judgments.metadata.method}: these judgments are no preferences; use a pairwise method"
        )
    ok = judgments.ok
    table, (n, size) = judgments.table[ok], np.shape(docnos)
    row, column = places(table["qid"], table["docno"], qids, docnos)
    other_row, other = places(table["qid"], table["other"], qids, docnos)
    both = (row >= 0) & (other_row >= 0)
    row, column, other = row[both], column[both], other[both]
    value = table["value"].to_numpy(np.float64)[both]
    log_p = judgments.log_probabilities[ok][both]
    asked = 1.0 + (log_p.shape[1] == 4) * ~np.isnan(log_p).any(axis=1)
    total = np.zeros((n, size, size, 2))
    np.add.at(total, (row, column, other), np.stack([value * asked, asked], axis=-1))
    np.add.at(total, (row, other, column), np.stack([(1 - value) * asked, asked], axis=-1))
    total[..., 0] /= np.maximum(total[..., 1], 1)
    return total


def _mean_over_orders(judgments: Judgments, values: Floats, qids: npt.ArrayLike, docnos: npt.ArrayLike) -> Floats:
    """Mean [n, L, ...] over the orders of `values` [m, ...], one of each judgment; NaN where none has a value."""
    ok = judgments.ok
    table = judgments.table[ok]
    row, column = places(table["qid"], table["docno"], qids, docnos)
    known = row >= 0
    return mean_by_place(row[known], column[known], values[ok][known], np.shape(docnos))


def _of_asked(
    judgments: Judgments, qids: npt.ArrayLike, docnos: npt.ArrayLike, numbers: Callable[[Floats], Floats]
) -> Floats:
    """`numbers` [n, L] of the preferences in each list, computed of those only that were asked about: few of many."""
    every, lists = np.asarray(qids), np.asarray(docnos)
    asked = np.isin(every, judgments.table["qid"].unique().astype(str))
    found = np.full(lists.shape, np.nan)
    found[asked] = numbers(preferences(judgments, every[asked], lists[asked]))
    return found
