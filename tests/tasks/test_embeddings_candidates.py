from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.tasks.candidates import Bm25, fuse, ranks
from benchmark.tasks.embeddings import cosine, quantise


@given(st.integers(0, 1000))
def test_cosine_of_int8_rows_is_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (rng.integers(-127, 128, (3, 384)).astype(np.int8) for _ in range(2))
    exact = (a.astype(object) @ b.astype(object).T).astype(np.float64)
    norms = [np.sqrt((v.astype(np.int64) ** 2).sum(1)) for v in (a, b)]
    assert (cosine(a, b) == exact / (norms[0][:, None] * norms[1][None, :])).all()


def test_quantised_vectors_keep_their_direction() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((100, 384)).astype(np.float32)
    kept = quantise(vectors).astype(np.float64)
    similarity = (vectors * kept).sum(1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(kept, axis=1)
    assert similarity.min() > 0.9995


def test_too_many_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="1,040"):
        cosine(np.zeros((1, 2000), np.int8), np.zeros((1, 2000), np.int8))


def test_ranks_break_ties_in_collection_order() -> None:
    assert ranks(np.array([1.0, 3.0, 3.0, 2.0]), 3).tolist() == [1, 2, 3]


def test_a_collection_may_be_smaller_than_the_depth() -> None:
    assert ranks(np.array([1.0, 3.0, 2.0]), 1000).tolist() == [1, 2, 0]


def test_reciprocal_rank_fusion_closed_form() -> None:
    # document 2 is second twice: 2/62 > 1/61 + 0
    assert fuse((np.array([0, 2]), np.array([1, 2])), documents=4, depth=3).tolist() == [2, 0, 1]


def test_bm25_prefers_the_rarer_word() -> None:
    scores = next(Bm25(["car insurance", "life insurance", "life annuity", "life term"]).scores(["car life"]))
    assert scores.argmax() == 0 and scores.shape == (4,)


def test_a_question_without_known_words_scores_zero() -> None:
    assert next(Bm25(["car insurance", "life insurance"]).scores(["zzz"])).tolist() == [0.0, 0.0]
