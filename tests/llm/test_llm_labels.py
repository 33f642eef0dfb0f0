from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments, Metadata, write_judgments
from benchmark.labels.llm.labels import LabelMethod, list_labels
from benchmark.labels.llm.prompts import load_prompt
from benchmark.labels.llm.provenance import Provenance


def judgments(prompt: str, **columns: object) -> Judgments:
    """A table in memory: q's documents are a, b, c, ..."""
    table = pd.DataFrame(columns)
    asked = load_prompt(prompt)
    made = Provenance(
        model="fake",
        model_file_sha256="0" * 64,
        quantisation="",
        dtype="float32",
        prompt=asked,
        prompt_sha256=asked.sha256,
        versions={},
    )
    rows = table.assign(qid="q", docno=list("abcdefghij"[: len(table)]))
    return Judgments(
        rows,
        Metadata(
            provenance=made,
            candidates="-",
            created=date(2026, 1, 2),
            seconds=0,
            pairs=len(rows),
            rows_sha256="0" * 64,
        ),
    )


def yes(*p: float) -> Judgments:
    return judgments("yes-no-v1", log_yes=np.log(p), log_no=np.log1p(-np.asarray(p)))


def test_posterior_by_hand() -> None:
    # odds 1, 3 and 1/3: shares 3/13, 9/13, 1/13
    labels = list_labels(yes(0.5, 0.75, 0.25), ["q"], [["a", "b", "c"]], "posterior")
    np.testing.assert_allclose(labels, [[3 / 13, 9 / 13, 1 / 13]])


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=5))
def test_posterior_is_that_exactly_one_document_answers(p: list[float]) -> None:
    """Enumerates all ways in which documents answer or not, and keeps those with one answer."""
    weight = np.zeros(len(p))
    for world in itertools.product([0, 1], repeat=len(p)):
        if sum(world) == 1:
            weight[world.index(1)] = np.prod([q if yes else 1 - q for q, yes in zip(p, world, strict=True)])
    docnos = [list("abcde"[: len(p)])]
    np.testing.assert_allclose(list_labels(yes(*p), ["q"], docnos, "posterior")[0], weight / weight.sum())


def test_temperature_is_a_power_of_the_odds() -> None:
    labels = list_labels(yes(0.5, 0.8), ["q"], [["a", "b"]], "posterior", temperature=2)
    np.testing.assert_allclose(labels, [[1 / 3, 2 / 3]])  # odds 1 and 4, square roots 1 and 2


def test_likelihood_by_hand() -> None:
    made = judgments("query-likelihood-v1", log_likelihood=np.log([0.1, 0.3]) - 700, tokens=[3, 3])
    np.testing.assert_allclose(list_labels(made, ["q"], [["b", "a"]], "likelihood"), [[0.75, 0.25]])
    np.testing.assert_allclose(list_labels(made, ["q"], [["b", "a"]], "likelihood", temperature=0.5), [[0.9, 0.1]])


def test_p_yes_is_the_share_itself() -> None:
    np.testing.assert_allclose(list_labels(yes(0.2, 0.7), ["q"], [["b", "a"]], "p-yes"), [[0.7, 0.2]])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("posterior", [[np.nan, 0.5, 0.5], [np.nan] * 3, [np.nan, np.nan, 1.0]]),
        ("p-yes", [[np.nan, 0.5, 0.5], [np.nan] * 3, [np.nan, np.nan, 0.5]]),
    ],
)
def test_what_was_not_judged_is_nan(tmp_path: Path, yes_no: Provenance, method: LabelMethod, expected: object) -> None:
    """Unknown documents, padding, unknown questions, and a known document under another question."""
    half = np.log(0.5)
    table = pd.DataFrame({"qid": ["q", "q", "r"], "docno": ["a", "c", "b"], "log_yes": half, "log_no": half})
    made = write_judgments(tmp_path / "x.parquet", table, yes_no, candidates="-", seconds=0, created=date(2026, 1, 2))
    docnos = [["z", "a", "c"], ["a", "b", "c"], ["", "a", "b"]]
    np.testing.assert_allclose(list_labels(made, np.array(["q", "unknown", "r"]), docnos, method), expected)


@given(st.lists(st.floats(-60, 0), min_size=2, max_size=10), st.floats(0.05, 20))
def test_labels_are_a_distribution_in_the_order_of_the_scores(scores: list[float], temperature: float) -> None:
    made = judgments("query-likelihood-v1", log_likelihood=scores, tokens=1)
    docnos = np.array([made.table["docno"]])
    labels = list_labels(made, ["q"], docnos, "likelihood", temperature)[0]
    assert labels.sum() == pytest.approx(1)
    assert np.all(np.diff(labels[np.argsort(scores)]) >= 0)
    turned = list_labels(made, ["q"], docnos[:, ::-1], "likelihood", temperature)[0]
    np.testing.assert_allclose(turned[::-1], labels)


def test_empty_lists() -> None:
    assert list_labels(yes(0.5), [], np.empty((0, 3), dtype=str), "posterior").shape == (0, 3)


@pytest.mark.parametrize(
    ("method", "temperature", "reason"),
    [
        ("likelihood", 1.0, "does not fit yes-no judgments; use posterior or p-yes$"),
        ("nonsense", 1.0, "'nonsense' does not fit"),
        ("posterior", 0.0, "temperature must be positive, got 0.0"),
        ("posterior", float("nan"), "temperature must be positive"),
    ],
)
def test_what_cannot_be_asked(method: LabelMethod, temperature: float, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        list_labels(yes(0.5), ["q"], [["a"]], method, temperature)
