"""What the published task promises, read from what is shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark.errors import DataError
from benchmark.hashing import sha256_file
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.tasks.candidates import first_stage
from benchmark.tasks.insuranceqa.build import draw_log, split_questions
from benchmark.tasks.insuranceqa.collection import package_folder, read_collection
from benchmark.tasks.insuranceqa.load import PUBLISHED, collection
from benchmark.tasks.insuranceqa.log import read_log, write_log
from benchmark.tasks.manifest import read_manifest, verify
from benchmark.tasks.strata import STRATA
from benchmark.tasks.task import Grades, Task


@pytest.fixture(scope="module")
def splits() -> pd.DataFrame:
    return pd.read_csv(PUBLISHED / "splits.csv")


def test_counts_of_every_stratum(splits: pd.DataFrame) -> None:
    manifest = read_manifest(PUBLISHED / "manifest.json")
    for cut in manifest.strata:
        rows = splits[splits.stratum == cut.name]
        assert cut.test == (rows.split == "test").sum() >= 1200
        assert cut.dev == (rows.split == "dev").sum() >= 300
        assert cut.train == (rows.split == "train").sum() >= 1000
        assert 0 < cut.test_seen == rows.seen.sum() < cut.test
        assert (rows.impressions.min(), rows.impressions.max()) == (cut.fewest_impressions, cut.most_impressions)
    assert [cut.name for cut in manifest.strata] == list(STRATA)


def test_no_question_is_lost(splits: pd.DataFrame) -> None:
    manifest = read_manifest(PUBLISHED / "manifest.json")
    assert len(splits) == manifest.questions == splits.qid.nunique()
    assert manifest.questions + manifest.questions_without_answer_in_list == 16_889


def test_an_unseen_test_question_has_no_paraphrase_in_training(splits: pd.DataFrame) -> None:
    unseen = set(splits[(splits.split == "test") & ~splits.seen].group)
    assert not unseen & set(splits[(splits.split == "train") | splits.seen].group)


def test_splits_are_redrawn_the_same(splits: pd.DataFrame) -> None:
    texts, _ = collection()
    published = set(splits.qid)
    redrawn = split_questions([qid for qid in texts.questions if qid in published], texts)
    pd.testing.assert_frame_equal(redrawn, splits, check_dtype=False)


def test_candidates_are_what_the_label_blind_first_stage_finds(task: Task) -> None:
    texts, _ = collection()
    chosen = task.test().qids[:60].tolist()
    position = {qid: row for row, qid in enumerate(texts.questions)}
    found = first_stage(
        [texts.questions[qid] for qid in chosen],
        list(texts.answers.values()),
        np.load(PUBLISHED / "question_vectors.npy")[[position[qid] for qid in chosen]],
        np.load(PUBLISHED / "answer_vectors.npy"),
    )
    assert (np.array(list(texts.answers))[found] == task.test().docnos[:60]).all()


def test_the_log_is_what_its_simulation_draws(task: Task, splits: pd.DataFrame) -> None:
    texts, _ = collection()
    query, shown, clicked = draw_log(texts, splits, pd.read_parquet(PUBLISHED / "candidates.parquet"), "")
    assert len(task.log) == len(query) >= 200_000
    assert (task.log.query == query).all() and (task.log.shown == shown).all() and (task.log.clicked == clicked).all()


def test_the_log_holds_no_unseen_test_or_dev_question(task: Task) -> None:
    questions = task.questions
    withheld = questions.qids[(questions.split == "dev") | ((questions.split == "test") & ~questions.seen)]
    assert not set(withheld) & set(task.log.qids)


def test_a_log_survives_its_file(tmp_path, task: Task) -> None:
    write_log(tmp_path / "log.parquet", task.log.query, task.log.shown, task.log.clicked, task.log.qids)
    assert sha256_file(tmp_path / "log.parquet") == sha256_file(PUBLISHED / "log.parquet")
    again = read_log(tmp_path / "log.parquet", 20)
    assert isinstance(again, ImpressionLog) and again.simulated and (again.clicked == task.log.clicked).all()


def test_listed_answers_are_graded_and_absent_ones_still_count(task: Task, grades: Grades) -> None:
    listed = grades.of(task.test()).sum(axis=1)
    judged = np.array([len(row) for row in grades.judged(task.test())])
    assert listed.min() >= 1  # the task keeps questions with an expert answer in their list
    assert (judged >= listed).all() and (judged > listed).any()


def test_a_changed_package_file_stops(tmp_path) -> None:
    manifest = read_manifest(PUBLISHED / "manifest.json")
    for name in manifest.package:
        (tmp_path / name).write_bytes((package_folder() / name).read_bytes())
    read_collection(tmp_path, manifest.package)
    damaged = bytearray((tmp_path / "train.json.gz").read_bytes())
    damaged[1000] ^= 1
    (tmp_path / "train.json.gz").write_bytes(damaged)
    with pytest.raises(DataError, match=r"train\.json\.gz: sha256 is .* reinstall"):
        read_collection(tmp_path, manifest.package)


def test_a_changed_published_file_stops(tmp_path) -> None:
    (tmp_path / "splits.csv").write_text("qid\n")
    with pytest.raises(DataError, match=r"splits\.csv: sha256 is .* git checkout"):
        verify(tmp_path, {"splits.csv": "0" * 64}, "restore it: git checkout")


def test_features_of_other_documents_are_refused(task: Task) -> None:
    from benchmark.errors import SystemFault

    with pytest.raises(SystemFault, match="not among the task's candidates"):
        task.features.pairs(task.questions.qids[:1], np.array(["no-such-document"]))


def test_cosine_feature_equals_the_products(task: Task) -> None:
    qids, docnos = task.test().qids[:50], task.test().docnos[:50, 0]
    pairs = task.features.pairs(qids, docnos)
    products = pairs[:, :384].sum(axis=1) / np.sqrt(384)
    np.testing.assert_allclose(products, task.features.scalar("cosine", qids, docnos), atol=1e-5)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "damaged at"),
        ("{", "damaged at"),
        ("{}", "damaged at task"),
        ('{"task": 1}', "damaged at task"),
        (None, "cannot be read"),
        ("\udcff", "damaged at text"),
    ],
)
def test_a_malformed_manifest_is_one_line(tmp_path, content: str | None, told: str) -> None:
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=told) as caught:
        read_manifest(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all"])
def test_a_damaged_log_is_one_line(tmp_path, content: bytes) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match="click log cannot be read") as caught:
        read_log(path, 20)
    assert "\n" not in str(caught.value)


def test_a_share_of_the_task_keeps_every_stratum_and_only_its_own_log(task: Task) -> None:
    part = task.taking(0.1)
    for questions, whole in ((part.training(), task.training()), (part.test(), task.test()), (part.dev(), task.dev())):
        assert 0.09 < len(questions) / len(whole) < 0.13
        assert set(questions.stratum) == set(STRATA)
        assert set(questions.qids) <= set(whole.qids)
    in_log = set(part.log.qids)
    assert in_log == set(part.questions.qids[(part.questions.split == "train") | part.questions.seen])


def test_floors_score_what_they_always_scored(task: Task, grades: Grades) -> None:
    """Golden: nothing is trained here, so a changed number means changed data, ties or measures."""
    from benchmark.running.score import macro_ndcg

    macro = macro_ndcg(task.test(), grades)
    test = task.test()
    qids, docnos = np.repeat(test.qids, 20), test.docnos.ravel()
    assert macro(task.features.scalar("bm25", qids, docnos)) == pytest.approx(0.4296, abs=5e-5)
    assert macro(task.features.scalar("cosine", qids, docnos)) == pytest.approx(0.5602, abs=5e-5)
    assert macro(-task.features.scalar("reciprocal_rank", qids, docnos)) == pytest.approx(0.0683, abs=5e-5)


def test_no_system_sees_judgments_of_dev_and_test_questions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files for agreement are shipped beside those to learn from; a task holds only the latter, of train questions."""
    from benchmark.labels.llm.judgments import read_judgments, write_judgments
    from benchmark.labels.llm.judgments.judgment import Judgment
    from benchmark.tasks.insuranceqa import shipped

    source = next(iter(sorted(shipped.JUDGMENTS.glob("*.parquet"))))
    made = read_judgments(source).metadata
    for purpose in ("training", "agreement"):
        write_judgments(
            tmp_path / f"{purpose}.parquet",
            [Judgment("q", "d", "refused")],
            purpose=purpose,  # type: ignore[arg-type]
            **{
                name: getattr(made, name)
                for name in ("method", "scale", "prompts", "settings", "model", "candidates", "created", "seconds")
            },
        )
    monkeypatch.setattr(shipped, "JUDGMENTS", tmp_path)
    assert list(shipped.judgments()) == ["training"]
    assert list(shipped.all_judgments()) == ["agreement", "training"]


def test_judgments_for_agreement_alone_change_no_identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from benchmark.tasks.insuranceqa import shipped

    purposes = {name: one.metadata.purpose for name, one in shipped.all_judgments().items()}
    assert {"training", "agreement"} <= set(purposes.values())
    before = shipped.judgments_sha256()
    for name in purposes:
        for suffix in (".parquet", ".json"):
            (tmp_path / (name + suffix)).write_bytes((shipped.JUDGMENTS / (name + suffix)).read_bytes())
    monkeypatch.setattr(shipped, "JUDGMENTS", tmp_path)
    (tmp_path / f"{next(name for name in purposes if purposes[name] == 'agreement')}.parquet").unlink()
    assert shipped.judgments_sha256() == before
    (tmp_path / f"{next(name for name in purposes if purposes[name] == 'training')}.parquet").unlink()
    assert shipped.judgments_sha256() != before


def test_shipped_judgments_to_learn_from_are_of_train_questions_alone(task: Task) -> None:
    train = set(task.questions.qids[task.questions.split == "train"].tolist())
    assert task.judgments
    for name, judged in task.judgments.items():
        assert set(judged.table["qid"]) <= train, name
