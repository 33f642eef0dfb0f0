from __future__ import annotations

import pytest

from benchmark.labels.llm.prompts import load_prompt
from benchmark.labels.llm.provenance import Provenance


def provenance(prompt: str, model: str = "fake", file: str = "0") -> Provenance:
    asked = load_prompt(prompt)
    return Provenance(
        model=model,
        model_file_sha256=file * 64,
        quantisation="none",
        dtype="float32",
        prompt=asked,
        prompt_sha256=asked.sha256,
        versions={"torch": "0", "transformers": "0"},
    )


@pytest.fixture
def yes_no() -> Provenance:
    return provenance("yes-no-v1")


@pytest.fixture
def likelihood() -> Provenance:
    return provenance("query-likelihood-v1")
