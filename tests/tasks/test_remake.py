"""The shipped embeddings are those of the packaged encoder; `click-or-llm tasks --build FOLDER` remakes all of them."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from benchmark.tasks.embeddings import encode, quantise
from benchmark.tasks.insuranceqa.load import PUBLISHED, collection
from benchmark.tasks.insuranceqa.remake import ENCODER, encoder_folder


@pytest.mark.slow
@pytest.mark.skipif(find_spec(ENCODER) is None, reason=f"package {ENCODER} is not installed: make slow")
def test_shipped_embeddings_are_the_encoders() -> None:
    texts, _ = collection()
    for name, written in (("question", texts.questions), ("answer", texts.answers)):
        shipped = np.load(PUBLISHED / f"{name}_vectors.npy")[:40].astype(np.float64)
        remade = quantise(encode(encoder_folder(), list(written.values())[:40])).astype(np.float64)
        cosine = (shipped * remade).sum(1) / np.sqrt((shipped**2).sum(1) * (remade**2).sum(1))
        assert cosine.min() > 0.995  # bfloat16 rounds a little differently in every batch
