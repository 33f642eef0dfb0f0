from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.methods.pointwise import Pointwise
from benchmark.labels.llm.methods.registry import METHODS, method_named, settings_of

RANKED = RankedList("q1", "Is {document} safe?", ("d1", "d2", "d3"), ("one", "two </passage> 3", "three"))
POINTWISE = [name for name in METHODS if "pool" not in settings_of(name) and isinstance(method_named(name), Pointwise)]
"""All but those whose demonstrations are read once, and not the document."""
FEW = (0.5, 0.3, 0.2)


def drive(method: Method, answer: Callable[[Request], Reply], ranked: RankedList = RANKED) -> list[Judgment]:
    """What the runner does: send replies until the method returns its judgments."""
    steps = method.steps(ranked)
    requests: Sequence[Request] = next(steps)
    while True:
        try:
            requests = steps.send([answer(request) for request in requests])
        except StopIteration as end:
            judgments: list[Judgment] = end.value
            return judgments


def requests_of(method: Method, ranked: RankedList = RANKED) -> Sequence[Request]:
    return next(method.steps(ranked))


def says(text: str) -> Callable[[Request], Reply]:
    return lambda _: Reply("ok", text)


def likely(*probabilities: float) -> Callable[[Request], Reply]:
    return lambda _: Reply("ok", log_probabilities=tuple(map(math.log, probabilities)))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", POINTWISE)
def test_one_request_for_each_document_always_the_same(name: str, language: str) -> None:
    method = method_named(name, language=language, seed=3)
    requests = requests_of(method)
    assert requests == requests_of(method_named(name, language=language, seed=4))
    assert len(requests) == len(RANKED.docnos)
    for request, text in zip(requests, RANKED.texts, strict=True):
        assert text.replace("</", "< /") in request.shared
        assert "Is {document} safe?" in request.own or name == "document-quality"
        assert request.shared.count("</passage>") == (name != "query-likelihood")  # a document cannot add one
        assert (request.kind == "score") == (name == "query-likelihood")


@pytest.mark.parametrize("name", POINTWISE)
def test_what_is_shared_depends_on_the_document_alone(name: str) -> None:
    method = method_named(name)
    other = RankedList("q2", "What else?", RANKED.docnos, RANKED.texts)
    assert [r.shared for r in requests_of(method)] == [r.shared for r in requests_of(method, other)]
    assert ([r.own for r in requests_of(method)] == [r.own for r in requests_of(method, other)]) == (
        name == "document-quality"  # the same request, so it is asked once
    )


def test_replies_belong_to_documents_in_order() -> None:
    method = method_named("yes-no")
    grade = dict(zip(requests_of(method), FEW, strict=True))
    judgments = drive(method, lambda request: likely(grade[request], 1 - grade[request])(request))
    assert [one.docno for one in judgments] == list(RANKED.docnos)
    assert [one.value for one in judgments] == pytest.approx(FEW)
    assert {(one.qid, one.status, one.position, one.order, one.other) for one in judgments} == {("q1", "ok", 1, 0, "")}


def test_yes_no_is_the_share_of_yes() -> None:
    (first, *_) = drive(method_named("yes-no"), likely(0.3, 0.1))
    assert first.value == pytest.approx(0.75)
    assert first.log_probabilities == (math.log(0.3), math.log(0.1))


@pytest.mark.parametrize(("no", "value"), [(-2000.0, 1.0), (2000.0, 0.0)])
def test_yes_no_never_overflows(no: float, value: float) -> None:
    (first, *_) = drive(method_named("yes-no"), lambda _: Reply("ok", log_probabilities=(0.0, no)))
    assert first.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("language", "text", "status", "value"),
    [
        ("en", "Yes", "ok", 1.0),
        ("en", " yes.\n", "ok", 1.0),
        ("en", "**No**", "ok", 0.0),
        ("en", "Yes and no", "unparsable", math.nan),
        ("en", "Not", "unparsable", math.nan),
        ("en", "", "unparsable", math.nan),
        ("en", "是", "unparsable", math.nan),
        ("zh", "是。", "ok", 1.0),
        ("zh", "“否”", "ok", 0.0),
        ("zh", "不是", "unparsable", math.nan),
    ],
)
def test_yes_no_in_writing(language: str, text: str, status: str, value: float) -> None:
    (first, *_) = drive(method_named("yes-no", language=language), says(text))
    assert (first.status, first.log_probabilities) == (status, ())
    assert first.value == pytest.approx(value, nan_ok=True)


def test_query_likelihood_is_the_sum() -> None:
    (first, *_) = drive(method_named("query-likelihood"), lambda _: Reply("ok", log_probabilities=(-12.5, 5.0)))
    assert (first.value, first.log_probabilities) == (-12.5, (-12.5, 5.0))
    assert {one.status for one in drive(method_named("query-likelihood"), says("-12"))} == {"unparsable"}


@pytest.mark.parametrize(("name", "top"), [("graded-3", 3), ("graded-4", 4), ("document-quality", 3)])
def test_the_likeliest_grade(name: str, top: int) -> None:
    method = method_named(name)
    for best in range(top + 1):
        said = [0.9 if grade == best else 0.1 / top for grade in range(top + 1)]
        (first, *_) = drive(method, likely(*said))
        assert first.value == best
        assert first.log_probabilities == pytest.approx([math.log(p) for p in said])
    (tied, *_) = drive(method, likely(*[1 / (top + 1)] * (top + 1)))
    assert tied.value == 0


@pytest.mark.parametrize(
    ("name", "text", "status", "value"),
    [
        ("graded-3", "2", "ok", 2.0),
        ("graded-3", "4", "unparsable", math.nan),
        ("graded-4", "4", "ok", 4.0),
        ("graded-3", "2 or 3", "unparsable", math.nan),
        ("graded-3", "", "unparsable", math.nan),
        ("graded-3", "I'm sorry, but I cannot help with that.", "refused", math.nan),
    ],
)
def test_grades_in_writing(name: str, text: str, status: str, value: float) -> None:
    (first, *_) = drive(method_named(name), says(text))
    assert first.status == status
    assert first.value == pytest.approx(value, nan_ok=True)


def test_methods_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"^method 'graded-5' is unknown; did you mean graded-[34]\?$"):
        method_named("graded-5")
    with pytest.raises(ConfigurationError, match=r"^method yes-no has no setting 'promt'; did you mean prompt\?$"):
        method_named("yes-no", promt="yes-no-v1")
    with pytest.raises(
        ConfigurationError, match=r"^method graded-demonstrations needs the setting 'pool'; give it a file of "
    ):
        method_named("graded-demonstrations")
    with pytest.raises(ConfigurationError, match=r"^method graded-4 has no prompt in language 'de'; it has: en, zh$"):
        method_named("graded-4", language="de")


def test_a_prompt_can_be_named() -> None:
    assert [prompt.name for prompt in method_named("yes-no", prompt="yes-no-v1").prompts] == ["yes-no-v1"]
    with pytest.raises(ConfigurationError, match="is for method yes-no"):
        method_named("graded-3", prompt="yes-no-v1")
