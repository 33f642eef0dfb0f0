from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.judge import Reply
from benchmark.labels.llm.methods.demonstrations import graded_demonstrations
from benchmark.labels.llm.methods.method import RankedList
from benchmark.labels.llm.methods.pool import Demonstration, pool_named, read_pool, training_pool
from benchmark.labels.llm.methods.registry import method_named

POOL = tuple(
    Demonstration(question=question, document=f"{document} {grade}", grade=grade)
    for question, document in [
        ("How much does car insurance cost?", "car"),
        ("Is dental care covered by medicare?", "teeth"),
        ("Can I cancel my life insurance policy?", "cancel"),
    ]
    for grade in (0, 3)
)
RANKED = RankedList("q1", "What is the cost of car insurance?", ("d1", "d2"), ("alpha", "beta"))


def test_of_each_grade_the_demonstration_with_the_most_similar_question() -> None:
    method = graded_demonstrations(pool=POOL)
    assert {one.document for one in method.nearest("cost of car insurance")} == {"car 0", "car 3"}
    assert {one.document for one in method.nearest("does medicare pay a dental crown")} == {"teeth 0", "teeth 3"}
    two = graded_demonstrations(pool=POOL, per_grade=2).nearest("cancel car insurance")
    assert sorted(one.grade for one in two) == [0, 0, 3, 3]


def test_a_question_is_never_shown_its_own_grades() -> None:
    method = graded_demonstrations(pool=POOL)
    shown = method.nearest("how much does CAR insurance cost")
    assert shown
    assert not {one.document for one in shown} & {"car 0", "car 3"}


def test_chinese_questions_are_compared_by_pairs_of_characters() -> None:
    pool = [
        Demonstration(question=question, document=question, grade=1)
        for question in ("汽车保险多少钱？", "牙科由医保支付吗？", "人寿保险可以取消吗？")
    ]
    method = graded_demonstrations(pool=pool, language="zh")
    assert [one.document for one in method.nearest("我想取消人寿保险")] == ["人寿保险可以取消吗？"]
    assert [one.document for one in method.nearest("医保支付牙科费用吗")] == ["牙科由医保支付吗？"]


def test_demonstrations_are_shared_by_the_list() -> None:
    method = method_named("graded-demonstrations", pool=POOL)
    requests = next(method.steps(RANKED))
    assert len({request.shared for request in requests}) == 1
    shared = requests[0].shared
    assert "<passage>\ncar 3\n</passage>\nQuestion: How much does car insurance cost?\nRating: 3" in shared
    assert ["alpha" in request.own for request in requests] == [True, False]
    assert requests[0].answers == ("0", "1", "2", "3")


def test_the_order_changes_with_the_seed_and_the_question_only() -> None:
    def order(question: str, seed: int) -> tuple[int, ...]:
        return tuple(one.grade for one in graded_demonstrations(pool=POOL, seed=seed).nearest(question))

    assert order("car", 0) == order("car", 0)
    assert {order("car", seed) for seed in range(20)} == {(0, 3), (3, 0)}
    assert {order(f"car {number}", 0) for number in range(20)} == {(0, 3), (3, 0)}


def test_it_is_graded_as_without_demonstrations() -> None:
    steps = method_named("graded-demonstrations", pool=POOL).steps(RANKED)
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send([Reply("ok", log_probabilities=(-9.0, -9.0, -0.1, -9.0)), Reply("refused")])
    assert [(one.docno, one.status) for one in end.value.value] == [("d1", "ok"), ("d2", "refused")]
    assert end.value.value[0].value == 2


def test_long_demonstrations_are_cut() -> None:
    long = Demonstration(question="car?", document="word " * 500, grade=0)
    steps = graded_demonstrations(pool=(long, *POOL), per_grade=4, demonstration_words=7).steps(RANKED)
    assert next(steps)[0].shared.count("word") == 7


def test_the_settings_tell_of_people_and_of_the_pool() -> None:
    settings = graded_demonstrations(pool=POOL).settings
    assert settings["human_supervision"] is True
    assert settings["pool_sha256"] != graded_demonstrations(pool=POOL[1:]).settings["pool_sha256"]


def test_a_pool_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    odd = Demonstration(question="a\u2028b", document="c\x85d", grade=1)
    path.write_text("".join(one.model_dump_json() + "\n" for one in (*POOL, odd)), encoding="utf-8")
    assert read_pool(path) == (*POOL, odd)
    path.write_text("".join(one.model_dump_json() + "\n" for one in POOL), encoding="utf-8")
    assert method_named("graded-demonstrations", pool=str(path)).settings == graded_demonstrations(pool=POOL).settings
    path.write_text(POOL[0].model_dump_json() + '\n{"question": "q", "document": "d", "grade": -1}\n')
    with pytest.raises(DataError, match=r"line 2: grade: .* greater than or equal to 0; correct the pool$"):
        read_pool(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_pool(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("pool", "settings", "reason"),
    [
        (POOL[:2], {}, "fewer than two questions"),
        ((), {}, "fewer than two questions"),
        ((*POOL, POOL[0].model_copy(update={"grade": 4})), {}, "has the grade 4, prompt .* goes to 3"),
        (POOL, {"per_grade": 0}, "per_grade is 0"),
        (POOL, {"demonstration_words": -1}, "demonstration_words is -1"),
    ],
)
def test_what_a_pool_may_not_be(pool: tuple[Demonstration, ...], settings: dict[str, int], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        method_named("graded-demonstrations", pool=pool, **settings)


def task(splits: list[str], relevant: dict[str, dict[str, int]]) -> tuple[Any, Any]:
    qids = list(relevant)
    texts = {docno: f"text {docno}" for grades in relevant.values() for docno in grades}
    asked = SimpleNamespace(qids=np.array(qids), split=np.array(splits))
    made = SimpleNamespace(questions=asked, question_text={qid: f"asks {qid}" for qid in qids}, document_text=texts)
    return made, SimpleNamespace(relevant=relevant)


RELEVANT = {"a": {"1": 1, "2": 1}, "b": {"3": 1}, "c": {"4": 1}, "d": {"5": 1}, "e": {"6": 0}}


def test_a_training_pool_holds_no_dev_or_test_question() -> None:
    made, grades = task(["train", "dev", "train", "test", "train"], RELEVANT)
    pool = training_pool(made, grades, 2)
    assert {(one.question, one.document, one.grade) for one in pool} == {
        ("asks a", "text 1", 3),
        ("asks a", "text 4", 0),
        ("asks c", "text 4", 3),
        ("asks c", "text 1", 0),
    }
    for size in (0, 1, 3):
        told = rf"^a pool of {size} questions cannot be drawn, 2 to 2 can; change the size$"
        with pytest.raises(ConfigurationError, match=told):
            training_pool(made, grades, size)


def test_a_passage_that_people_chose_is_never_a_zero() -> None:
    made, grades = task(["train"] * 3, {"a": {"1": 1, "2": 1}, "b": {"1": 1}, "c": {"2": 1}})
    for seed in range(9):
        for one in training_pool(made, grades, 3, seed=seed):
            chosen = one.document.removeprefix("text ") in grades.relevant[one.question.removeprefix("asks ")]
            assert chosen == (one.grade == 3)


def test_a_pool_is_named_by_its_size_or_by_its_file(tmp_path: Path) -> None:
    made, grades = task(["train", "dev", "train", "test", "train"], RELEVANT)
    assert pool_named("training:2", made, grades, 0) == training_pool(made, grades, 2)
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(one.model_dump_json() + "\n" for one in POOL))
    assert pool_named(str(path), made, grades, 0) == POOL
    path.write_text(
        "".join(one.model_dump_json() + "\n" for one in (*POOL, POOL[0].model_copy(update={"question": "Asks: D?"})))
    )
    with pytest.raises(ConfigurationError, match=rf"line {len(POOL) + 1}: is d, a dev or test question of the task"):
        pool_named(str(path), made, grades, 0)
    for told in ("training:", "training:many", "training"):
        with pytest.raises((ConfigurationError, DataError), match=r"such as training:100|cannot be read"):
            pool_named(told, made, grades, 0)
