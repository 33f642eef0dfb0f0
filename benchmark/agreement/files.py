"""Judgment files as labels: the only place here that knows how they are kept."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.agreement.judged import Asked, grade_top, judged
from benchmark.agreement.source import Source
from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments, read_judgments
from benchmark.tasks.task import Questions


def named(names: Sequence[str], shipped: Mapping[str, Judgments]) -> dict[str, Judgments]:
    """The judgments called `names`: a shipped name, or a path that ends in .parquet; all shipped ones if none is named.

    Raises `ConfigurationError` for another name or a name given twice, `DataError` for a damaged file.
    """
    if not names:
        return dict(shipped)
    found: dict[str, Judgments] = {}
    for name in names:
        key = Path(name).stem if name.endswith(".parquet") else name
        if key in found:
            raise ConfigurationError(f"judgments {name}: {key} is named twice; name each once")
        if name.endswith(".parquet"):
            found[key] = read_judgments(Path(name))
        elif name in shipped:
            found[key] = shipped[name]
        else:
            near = difflib.get_close_matches(name, shipped, n=1)
            hint = f"did you mean {near[0]}?" if near else f"shipped: {', '.join(shipped) or 'none'}"
            raise ConfigurationError(f"judgments {name}: neither a .parquet file nor shipped; {hint}")
    return found


def source_of(name: str, judgments: Judgments, questions: Questions) -> Source:
    """The judgments as labels of the candidate lists of `questions`."""
    return judged(*_read(name, judgments), questions.qids, questions.docnos)


def _read(name: str, judgments: Any) -> tuple[pd.DataFrame, Asked]:
    table, told = judgments.table, judgments.metadata.model_dump(mode="json")
    if "value" not in table.columns:
        return _first_schema(name, table, told)
    prompts = _prompts(told.get("prompts"))
    method, settings = str(told["method"]), dict(told.get("settings") or {})
    scale, model = str(told["scale"]), told["model"]
    return table, Asked(
        name,
        scale,
        method,
        str(model["name"] if isinstance(model, dict) else model),
        ", ".join(prompts),
        ", ".join(sorted({language for language in prompts.values() if language})),
        grade_top(table, method, settings) if scale == "grade" else None,
    )


def _prompts(told: Any) -> dict[str, str]:
    """Name and language of each prompt, whether they are kept as a list or by name."""
    if isinstance(told, dict):
        return {str(name): str(one.get("language", "")) if isinstance(one, dict) else "" for name, one in told.items()}
    return {str(one["name"]): str(one.get("language", "")) for one in told or []}


def _first_schema(name: str, table: pd.DataFrame, told: dict[str, Any]) -> tuple[pd.DataFrame, Asked]:
    """Files of schema version 1: two columns of log-probabilities."""
    made = told["provenance"]
    prompt = made["prompt"]
    if "log_yes" in table.columns:
        scale = "yes-no"
        log_yes, log_no = (table[column].to_numpy(np.float64) for column in ("log_yes", "log_no"))
        value = np.exp(-np.logaddexp(0, log_no - log_yes))
    else:
        scale, value = "likelihood", table["log_likelihood"].to_numpy(np.float64)
    frame = table[["qid", "docno"]].assign(status="ok", value=value, position=1, order=0)
    return frame, Asked(name, scale, prompt["method"], made["model"], prompt["name"], prompt.get("language", ""))
