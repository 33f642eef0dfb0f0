"""What judges are held against: human grades, clicks, and the order of the first stage."""

from __future__ import annotations

import numpy as np

from benchmark.agreement.labelling import Labelling
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.labels.clicks.models.registry import fitted
from benchmark.tasks.task import Grades, Questions

HUMAN, FIRST_STAGE = "human grades", "first-stage order"


def human(questions: Questions, grades: Grades) -> Labelling:
    """The grade of each candidate [Q, L]; 0 where no expert graded it."""
    found = grades.of(questions).astype(np.float64)
    top = max((max(each.values(), default=0) for each in grades.relevant.values()), default=1)
    return Labelling(HUMAN, "human", found, found, max(top, 1), scale="grade")


def clicks(questions: Questions, log: ImpressionLog) -> Labelling:
    """What a log says of each candidate that it showed: values by the position-based model, category clicked or not.

    The values are the model's estimate of relevance, freed of position as far as the model is right; the category says
    whether the document was clicked at least once, which a document shown often and high up was more easily.
    """
    at = log.rows(questions.qids)
    in_log = (at >= 0)[:, None]
    impressions, clicked = (counts.sum(axis=2)[at] for counts in log.counts())
    model = fitted("pbm", log)
    relevance = model.relevance.reshape(len(log.qids), log.list_size)[at]
    shown = in_log & (impressions > 0)
    return Labelling(
        click_name(log),
        "clicks",
        np.where(shown, relevance, np.nan),
        np.where(shown, (clicked > 0).astype(np.float64), np.nan),
        scale="pbm",
    )


def click_name(log: ImpressionLog) -> str:
    """Simulated clicks are always called so."""
    return "simulated clicks" if log.simulated else "clicks"


def first_stage(questions: Questions) -> Labelling:
    """The order of the candidate lists themselves, as a control: what a judge that only repeats it would get."""
    size = questions.docnos.shape[1]
    return Labelling(FIRST_STAGE, "order", np.tile(-np.arange(size, dtype=np.float64), (len(questions), 1)))
