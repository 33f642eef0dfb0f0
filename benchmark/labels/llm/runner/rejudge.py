"""Whether judgments come again: a sample of their lists judged anew and compared, number by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.errors import ConfigurationError, DataError
from benchmark.hashing import seeded_hash
from benchmark.labels.llm.judges.judge import Judge
from benchmark.labels.llm.judgments import Judgments, Metadata
from benchmark.labels.llm.judgments.judgment import Scale
from benchmark.labels.llm.judgments.rows import KEY, split, to_rows
from benchmark.labels.llm.methods.method import Method
from benchmark.labels.llm.methods.registry import method_named, settings_of
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.ranked_lists import lists_of
from benchmark.labels.llm.runner.run import annotate
from benchmark.tasks.task import Task

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rejudged:
    """What came of it, for each of the m judgments that were asked for again.

    `difference` [m]: the greatest of the differences of its probabilities; of a likelihood, of the logarithm for each
    token; where a judge only wrote, of the value. Infinite where one of the two has no value, 0 where neither has.
    """

    lists: int
    difference: Floats

    @property
    def largest(self) -> float:
        """max over the judgments."""
        return float(self.difference.max(initial=0.0))


def judge_again(
    shipped: Judgments,
    task: Task,
    judge: Judge,
    store: ReplyStore,
    *,
    lists: int = 3,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
) -> Rejudged:
    """Judge `lists` of the judged lists again, drawn by `seed`, by the method and the settings that the file names.

    `settings` adds what a file cannot hold, such as a pool of demonstrations. Raises `ConfigurationError` when the
    prompts are no longer those of the file, `DataError` when the lists of the task are not those that were judged.
    """
    method = method_of(shipped.metadata, settings or {})
    judged = sorted(shipped.table["qid"].unique(), key=lambda qid: seeded_hash(seed, "again", qid))[:lists]
    asked = lists_of(task, judged)
    said = annotate(asked, method, judge, store).judgments
    table, log_p = split(to_rows(said))
    place = shipped.table.set_index(KEY).index.get_indexer(table.set_index(KEY).index)
    if (place < 0).any() or len(table) != shipped.table["qid"].isin(judged).sum():
        raise DataError("the judgments are of other lists than the task has; name the task that they were made on")
    before = shipped.table.iloc[place]
    difference = _differences(before["value"], shipped.log_probabilities[place], table["value"], log_p, shipped.scale)
    one, other = before["status"].eq("ok").to_numpy(), table["status"].eq("ok").to_numpy()
    return Rejudged(len(asked), np.where(one & other, difference, np.where(one == other, 0.0, np.inf)))


def _differences(before: pd.Series, log_p_before: Floats, now: pd.Series, log_p_now: Floats, scale: Scale) -> Floats:
    """See `Rejudged`; of values where one of the two has no probabilities."""
    values: Floats = np.abs(before.to_numpy(np.float64) - now.to_numpy(np.float64))
    if not log_p_now.shape[1] or log_p_before.shape[1] != log_p_now.shape[1]:
        return values
    if scale == "likelihood":
        probabilities = np.abs(log_p_before[:, 0] - log_p_now[:, 0]) / log_p_before[:, 1]
    else:
        probabilities = np.abs(np.exp(log_p_before) - np.exp(log_p_now)).max(axis=1)
    return np.where(np.isnan(probabilities), values, probabilities)


def method_of(made: Metadata, settings: Mapping[str, Any]) -> Method:
    """The method that made a file, with its settings; see `judge_again`."""
    known = settings_of(made.method)
    told: dict[str, Any] = {name: value for name, value in made.settings.items() if name in known} | dict(settings)
    if "prompt" in known:
        told["prompt"] = ",".join(made.prompts)
    languages = {prompt.language for prompt in made.prompts.values()}
    seed = int(made.settings.get("seed", 0))
    method = method_named(made.method, language=min(languages), seed=seed, **told)
    if other := made.unlike(method):
        raise ConfigurationError(f"{other}; judge again with that")
    return method
