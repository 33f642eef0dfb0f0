from __future__ import annotations

import gzip

import ir_measures
import numpy as np
import pandas as pd
import pyterrier as pt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import RecordError
from benchmark.running.run_file import read_run, run_bytes, run_frame, strictly_decreasing
from benchmark.running.score import score_rankings
from benchmark.tasks.task import Grades, Task


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=30))
def test_scores_strictly_decrease_and_stay_close(scores: list[float]) -> None:
    ranked = np.sort(np.array([scores]))[:, ::-1]
    kept = strictly_decreasing(ranked)
    assert (np.diff(kept) < 0).all()
    np.testing.assert_allclose(kept, ranked, rtol=1e-4, atol=1e-30)


def test_scores_beyond_float32_keep_their_order_and_are_finite() -> None:
    least = float(np.finfo(np.float32).min)
    kept = strictly_decreasing(np.array([[1e300, 1e200, 3.0, least, least, -1e300]]))
    assert np.isfinite(kept).all() and (np.diff(kept) < 0).all()


def test_a_tied_run_is_scored_alike_by_ir_measures(tmp_path, small: Task, grades: Grades) -> None:
    """Half of the pairs are tied; tools that break ties by name would see another order."""
    test = small.test()
    scores = np.random.default_rng(0).integers(0, 3, test.docnos.shape).astype(np.float64)
    path = tmp_path / "tied.run.gz"
    path.write_bytes(run_bytes(test, scores, "tied"))
    run = read_run(path).rename(columns={"qid": "query_id", "docno": "doc_id"})
    qrels = qrels_of(test.qids, grades).rename(columns={"qid": "query_id", "docno": "doc_id", "label": "relevance"})
    ours = score_rankings(test, grades)(scores)
    for name in ("nDCG@10", "nDCG@5", "RR", "AP"):
        theirs = {
            row.query_id: row.value for row in ir_measures.iter_calc([ir_measures.parse_measure(name)], qrels, run)
        }
        np.testing.assert_allclose(ours[name], [theirs[qid] for qid in test.qids], atol=1e-9)


def qrels_of(qids: np.ndarray, grades: Grades) -> pd.DataFrame:
    rows = [(qid, docno, label) for qid in qids.tolist() for docno, label in grades.relevant[qid].items()]
    return pd.DataFrame(rows, columns=["qid", "docno", "label"])


def test_pt_experiment_takes_every_fitted_system_and_agrees(small: Task, grades: Grades, taught: Grades) -> None:
    from benchmark.running.fit import scores_of, training_view
    from benchmark.running.registry import load_systems

    test = small.test()
    frame = test.frame(dict(small.question_text))
    score = score_rankings(test, grades)
    systems = {name: cls for name, cls in load_systems().items() if cls.__module__.startswith("baselines")}
    assert len(systems) >= 15
    fitted = {name: cls().fit(training_view(small, taught, cls.family, 0)) for name, cls in systems.items()}
    ours = {
        name: score(scores_of(system(frame), frame).reshape(test.docnos.shape))["nDCG@10"].mean()
        for name, system in fitted.items()
    }
    untied = {
        name: pt.apply.generic(lambda df, s=system: without_ties(test, s(df), frame)) for name, system in fitted.items()
    }
    candidates = pt.Transformer.from_df(frame)
    table = pt.Experiment(
        [candidates >> system for system in untied.values()],
        frame[["qid", "query"]].drop_duplicates(),
        qrels_of(test.qids, grades),
        [ir_measures.parse_measure("nDCG@10")],
        names=list(untied),
    ).set_index("name")["nDCG@10"]
    for name, value in ours.items():
        assert table[name] == pytest.approx(value, abs=1e-9), name


def without_ties(test, ranked: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    from benchmark.running.fit import scores_of

    run = run_frame(test, scores_of(ranked, frame).reshape(test.docnos.shape))
    return run.assign(rank=run["rank"] - 1, query="")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "run file is empty"),
        (b"q1 Q0 d1 1 2.0\n", "line 1: 5 fields"),
        (b"q1 Q0 d1 1 2.0 t\nq1 Q0 d2 2 x t\n", "line 2: score 'x' is not a number"),
        (b"q1 Q0 d1 1 nan t\n", "line 1: score nan is not finite"),
        (b"q1 Q0 d1 1 inf t\n", "line 1: score inf is not finite"),
        (b"q1 Q0 d1 1 2.0 t\nq1 Q0 d1 2 1.0 t\n", "line 2: query q1 ranks document d1 twice"),
        (b"# tag\n", "line 1: 2 fields"),
        (b"\xff\xfe", "cannot be read"),
        (gzip.compress(b"q1 Q0 d1 1 2.0 t\n", mtime=0)[:-9], "cannot be read"),
    ],
)
def test_a_malformed_run_is_one_line(tmp_path, content: bytes, told: str) -> None:
    path = tmp_path / "bad.run"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=told) as caught:
        read_run(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)
