"""The shipped judgments come again from the models that they name."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.errors import BenchmarkError
from benchmark.labels.llm.judges.local import LocalJudge
from benchmark.labels.llm.judges.open import _small
from benchmark.labels.llm.judgments import Judgments, read_judgments
from benchmark.labels.llm.methods.method import RankedList
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.run import annotate
from benchmark.tasks.registry import task_entry

SHIPPED = sorted((Path(benchmark.__file__).parent / "tasks").glob("*/judgments/*.parquet"))
PAIRS = 40
TOLERANCE = 1e-3
"""Of probabilities; of a likelihood that of a token (its mean over the question)."""


def model_of(judgments: Judgments) -> LocalJudge:
    """SmolLM2 from its package, any other from the folder that CLICK_OR_LLM_MODELS names, by its hash."""
    made = judgments.metadata.model
    folder = os.environ.get("CLICK_OR_LLM_MODELS", "")
    paths = sorted(Path(folder).iterdir()) if folder else []
    try:
        paths.append(_small())
    except BenchmarkError as error:
        pytest.skip(str(error))
    for path in paths:
        from benchmark.labels.llm.judges.model_file import model_sha256

        if model_sha256(path) == made.file_sha256:
            return LocalJudge(path, name=made.name, dtype=made.dtype or "bfloat16")
    pytest.skip(f"{made.name}: no file with sha256 {made.file_sha256} in CLICK_OR_LLM_MODELS")


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_shipped_judgments_come_again(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    shipped = read_judgments(path)
    if shipped.scale not in ("yes-no", "likelihood", "grade"):
        pytest.skip("asked about whole lists")
    judge = model_of(shipped)
    task, _ = task_entry("insuranceqa").load()
    drawn = np.sort(np.random.default_rng(0).permutation(len(shipped))[:PAIRS])
    rows = shipped.table.iloc[drawn]
    lists = [
        RankedList(qid, task.question_text[qid], (docno,), (task.document_text[docno],))
        for qid, docno in zip(rows["qid"], rows["docno"], strict=True)
    ]
    (prompt,) = shipped.metadata.prompts
    language = shipped.metadata.prompts[prompt].language
    method = method_named(shipped.metadata.method, language=language, prompt=prompt)
    again = annotate(lists, method, judge, ReplyStore(tmp_path)).judgments
    found = np.array([judgment.log_probabilities for judgment in again])
    expected = shipped.log_probabilities[drawn]
    if shipped.scale == "likelihood":
        assert found[:, 1].tolist() == expected[:, 1].tolist()
        difference = np.abs(found[:, 0] - expected[:, 0]) / expected[:, 1]
    else:
        difference = np.abs(np.exp(found) - np.exp(expected))
    assert difference.max() < TOLERANCE
