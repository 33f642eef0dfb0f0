"""Annotating: each different request once, now or ever; nothing lost when a judge or the process dies; budgets kept."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import OneStep, ScriptedJudge, TwoSteps, lists

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.replies.address import address
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.budget import Budget, Spent
from benchmark.labels.llm.runner.drive import driven
from benchmark.labels.llm.runner.estimate import estimate
from benchmark.labels.llm.runner.run import annotate

LISTS = lists(20)


def whole(method, folder: Path):
    return annotate(LISTS, method, ScriptedJudge(), ReplyStore(folder)).judgments


def told(judgments) -> list[tuple]:
    return [(one.qid, one.docno, one.status, one.value) for one in judgments]


@pytest.mark.parametrize("method", [OneStep(), TwoSteps()])
def test_each_request_is_asked_once_ever(tmp_path: Path, method) -> None:
    judge = ScriptedJudge()
    first = annotate(LISTS, method, judge, ReplyStore(tmp_path))
    assert len(judge.asked) == len(set(judge.asked)) == first.spent.requests
    assert first.complete and [one.qid for one in first.judgments] == [one.qid for one in LISTS for _ in range(3)]
    again = annotate(LISTS, method, judge, ReplyStore(tmp_path))
    assert told(again.judgments) == told(first.judgments)
    assert again.spent.requests == 0 and again.spent.stored == first.spent.requests
    more = annotate(lists(25), method, judge, ReplyStore(tmp_path))
    assert len(judge.asked) == len(set(judge.asked))
    assert told(more.judgments)[:60] == told(first.judgments)


@pytest.mark.parametrize("method", [OneStep(), TwoSteps()])
@pytest.mark.parametrize("after", [0, 1, 32, 55, 70, 100])
def test_a_judge_that_dies_costs_nothing_that_it_answered(tmp_path: Path, method, after: int) -> None:
    judge = ScriptedJudge(dies_after=after)
    with suppress(ConnectionError):
        annotate(LISTS, method, judge, ReplyStore(tmp_path))
    assert len(ReplyStore(tmp_path)) == len(judge.asked)
    judge.dies_after = None
    resumed = annotate(LISTS, method, judge, ReplyStore(tmp_path))
    assert told(resumed.judgments) == told(whole(method, tmp_path / "other"))
    assert len(judge.asked) == len(set(judge.asked))


def test_equal_requests_of_different_lists_are_one(tmp_path: Path) -> None:
    same = [lists(1)[0], lists(1)[0]]
    judge = ScriptedJudge()
    assert len(annotate(same, OneStep(), judge, ReplyStore(tmp_path)).judgments) == 6
    assert len(judge.asked) == 3


def test_what_failed_is_said_so_and_asked_again_by_the_next_run(tmp_path: Path) -> None:
    judge = ScriptedJudge(fail=lambda request: request.shared == "document 3")
    first = annotate(LISTS, OneStep(), judge, ReplyStore(tmp_path))
    failed = [one for one in first.judgments if one.status == "failed"]
    assert failed and {one.docno for one in failed} == {"d3"}
    judge.fail = lambda request: False
    again = annotate(LISTS, OneStep(), judge, ReplyStore(tmp_path))
    assert again.spent.requests == len(failed)
    assert told(again.judgments) == told(whole(OneStep(), tmp_path / "other"))


def test_what_failed_while_a_judge_was_timed_is_not_asked_again_by_the_run_that_this_was_for(tmp_path: Path) -> None:
    judge, spent = ScriptedJudge(fail=lambda request: request.shared == "document 1"), Spent()
    annotate(LISTS[:2], OneStep(), judge, ReplyStore(tmp_path), spent=spent)
    done = annotate(LISTS, OneStep(), judge, ReplyStore(tmp_path), spent=spent)
    assert len(judge.asked) == len(set(judge.asked)) == spent.requests == done.used.requests == 60
    assert spent.statuses["failed"] == len([one for one in done.judgments if one.status == "failed"]) == 8
    assert len((tmp_path / "replies.jsonl").read_text().splitlines()) == 60
    annotate(LISTS, OneStep(), judge, ReplyStore(tmp_path), spent=Spent())
    assert len(judge.asked) == 60 + 8


def test_another_model_is_asked_anew(tmp_path: Path) -> None:
    annotate(LISTS, OneStep(), ScriptedJudge(), ReplyStore(tmp_path))
    other = ScriptedJudge(name="other")
    annotate(LISTS, OneStep(), other, ReplyStore(tmp_path))
    assert len(other.asked) == 60
    assert len(list((tmp_path / "models").iterdir())) == 2


@given(st.integers(1, 70))
def test_a_budget_of_requests_is_never_exceeded_and_gives_whole_lists(tmp_path_factory, requests: int) -> None:
    folder = tmp_path_factory.mktemp("store")
    judge = ScriptedJudge()
    part = annotate(LISTS, OneStep(), judge, ReplyStore(folder), budget=Budget(requests=requests))
    assert len(judge.asked) <= requests
    assert part.lists == requests // 3 if requests < 60 else part.complete
    assert len(part.judgments) == 3 * part.lists
    rest = annotate(LISTS, OneStep(), judge, ReplyStore(folder))
    assert rest.complete and len(judge.asked) == 60


@pytest.mark.parametrize("budget", [Budget(requests=60), Budget(cost=15), Budget(seconds=30), Budget(tokens=660)])
def test_a_budget_pays_for_whole_lists_of_several_steps(tmp_path: Path, budget: Budget) -> None:
    for turn in range(1, 5):  # at most six requests a list: each budget is that of ten lists
        part = annotate(lists(40, documents=200), TwoSteps(), ScriptedJudge(), ReplyStore(tmp_path), budget=budget)
        assert part.lists >= 10 * turn and part.spent.requests <= (60 if budget.requests == 60 else 61)


@pytest.mark.parametrize("budget", [Budget(tokens=300), Budget(seconds=14), Budget(cost=7)])
def test_other_budgets_stop_what_goes_on(tmp_path: Path, budget: Budget) -> None:
    many = lists(400)
    part = annotate(many, OneStep(), ScriptedJudge(), ReplyStore(tmp_path), budget=budget)
    assert not part.complete and part.spent.requests <= 31
    assert annotate(many, OneStep(), ScriptedJudge(), ReplyStore(tmp_path)).complete


def test_a_budget_must_be_above_nothing() -> None:
    with pytest.raises(ConfigurationError, match="budget cost 0: must be above 0"):
        Budget(cost=0)


PROGRAM = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from scripted import ScriptedJudge, TwoSteps, lists
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner import run
class Slow(ScriptedJudge):
    def answer(self, requests):
        for answered in super().answer(requests):
            time.sleep(0.004)
            print("said", flush=True)
            yield answered
print("begun", flush=True)
run.annotate(lists(20), TwoSteps(), Slow(), ReplyStore(Path(sys.argv[2])))
"""


@pytest.mark.parametrize("wait", [0.02, 0.15, 0.3])
def test_a_killed_process_loses_no_reply_and_goes_on_where_it_was(tmp_path: Path, wait: float) -> None:
    arguments = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        time.sleep(wait)
        process.kill()
        said = process.stdout.read().count(b"said")
    kept = len(ReplyStore(tmp_path))
    assert kept in (said, said - 1)  # the last may have been on its way to the store
    judge = ScriptedJudge()
    resumed = annotate(LISTS, TwoSteps(), judge, ReplyStore(tmp_path))
    assert len(judge.asked) + kept == len(ReplyStore(tmp_path))
    assert told(resumed.judgments) == told(whole(TwoSteps(), tmp_path / "other"))


def test_each_reply_is_written_as_it_comes(tmp_path: Path) -> None:
    store, written = ReplyStore(tmp_path), []
    annotate(LISTS, OneStep(), ScriptedJudge(), store, told=lambda _: written.append(len(ReplyStore(tmp_path))))
    assert written == list(range(1, 61))


def test_a_torn_line_is_cut_off(tmp_path: Path) -> None:
    expected = told(whole(OneStep(), tmp_path))
    path = tmp_path / "replies.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:30]) + lines[30][:17])
    judge = ScriptedJudge()
    assert told(annotate(LISTS, OneStep(), judge, ReplyStore(tmp_path)).judgments) == expected
    assert len(judge.asked) == 30
    assert len(path.read_bytes().splitlines()) == 60


@pytest.mark.parametrize(
    ("line", "told_"),
    [
        (b"not json", "line 3: is no reply"),
        (b"{}", "line 3: is no reply"),
        (b'{"address": "a", "status": "fine"}', "line 3: is no reply .status 'fine'."),
        (b'{"address": "a", "status": "ok", "log_probabilities": ["x"]}', "line 3: is no reply"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes, told_: str) -> None:
    whole(OneStep(), tmp_path)
    path = tmp_path / "replies.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:2], line, *lines[3:]]) + b"\n")
    with pytest.raises(DataError, match=told_):
        ReplyStore(tmp_path)


def test_a_full_disk_is_one_line_and_what_was_written_before_is_kept(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, hard))  # the last write is taken in part
    try:
        with pytest.raises(DataError, match=re.escape(f"{tmp_path}: cannot be written to (File too large)")):
            annotate(LISTS, OneStep(), ScriptedJudge(), ReplyStore(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept, judge = len(ReplyStore(tmp_path)), ScriptedJudge()
    assert kept >= 32 and (tmp_path / "replies.jsonl").stat().st_size == 12_000
    resumed = annotate(LISTS, OneStep(), judge, ReplyStore(tmp_path))
    assert told(resumed.judgments) == told(whole(OneStep(), tmp_path / "other")) and len(judge.asked) == 60 - kept


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    model = Model(name="scripted")
    with (
        ReplyStore(tmp_path).writing(model),
        pytest.raises(DataError, match="another process is writing replies"),
        ReplyStore(tmp_path).writing(model),
    ):
        pass


def test_everything_that_a_reply_depends_on_is_in_its_address() -> None:
    request = Request("choose", "shared", "own", ("0", "1"))
    others = [
        Request("write", "shared", "own", ("0", "1")),
        Request("choose", "share", "down", ("0", "1")),
        Request("choose", "shared", "own", ("1", "0")),
        Request("choose", "shared", "own", ("0", "1"), max_tokens=2),
        Request("choose", "shared", "own", ("0", "1"), system="s"),
        Request("choose", "shared", "own", ("0", "1"), chat=False),
        Request("choose", "shared", "own", ("0", "1"), lead=1),
        Request("choose", "shared", "own", ("0", "1"), cut=(0, 96)),
    ]
    model = Model(name="a")
    addresses = {address(model.identity, one) for one in (request, *others)}
    addresses |= {address(changed.identity, request) for changed in (Model(name="b"), Model(name="a", dtype="float32"))}
    assert len(addresses) == 11
    updated = Model(name="a", device="cuda", versions={"torch": "9"})
    assert address(updated.identity, request) == address(model.identity, request)


def test_half_of_a_surrogate_pair_is_kept(tmp_path: Path) -> None:
    said = [("a1", Reply("ok", "fine")), ("a2", Reply("ok", "cut in the middle of an emoji \ud83d"))]
    with ReplyStore(tmp_path).writing(ScriptedJudge().model) as store:
        for each in said:
            store.add(*each)
    assert list(ReplyStore(tmp_path).replies.items()) == said


@pytest.mark.parametrize("docno", ["", "a passage", "x" * 65])
def test_what_a_judgments_file_cannot_hold_is_told_before_anything_is_asked(tmp_path: Path, docno: str) -> None:
    judge, (ranked,) = ScriptedJudge(), lists(1)
    with pytest.raises(DataError, match=r"^list of 'q0': '.*' is no plain id: 1 to 64 letters, digits or"):
        annotate([replace(ranked, docnos=("d1", "d2", docno))], OneStep(), judge, ReplyStore(tmp_path))
    assert not judge.asked


def test_replies_come_back_as_they_were(tmp_path: Path) -> None:
    replies = {
        "a": Reply("ok", "2", (-0.1, -2.5, -1e-9), 7, 1, 0.25, 0.001),
        "b": Reply("refused", "我不能", None, detail="filter"),
        "c": Reply("truncated", 'line\nbreak \u2028 and "quotes"'),
    }
    with ReplyStore(tmp_path).writing(Model(name="m")) as store:
        for key, reply in replies.items():
            store.add(key, reply, "yes-no-v2")
    assert dict(ReplyStore(tmp_path).replies) == replies
    first = json.loads((tmp_path / "replies.jsonl").read_text(encoding="utf-8").split("\n")[0])
    assert first["prompts"] == "yes-no-v2" and first["at"]


class Unread(OneStep):
    """Makes nothing of what is answered: an estimate answers with words of its own."""

    def steps(self, ranked):
        yield [Request("write", text, ranked.question) for text in ranked.texts]
        return []


def test_an_estimate_counts_what_is_read_once_and_what_is_charged_each_time(tmp_path: Path) -> None:
    """Seven documents of two words stand in thirty requests, each with a question of two words."""

    store, judge = ReplyStore(tmp_path), ScriptedJudge()
    first = estimate(lists(10), Unread(), judge, store)
    assert (first.lists, first.documents, first.requests, first.stored) == (10, 30, 30, 0)
    assert (first.prompt_tokens, first.read_tokens) == (30 * 3, 7 * 2 + 30 * 2)  # "document 3question 1" is three words
    assert first.seconds is None
    assert first.cost(price_in=1e6, price_out=0) == 90

    annotate(lists(1), Unread(), judge, store)  # three requests at half a second: 3 * 2 + 3 * 2 tokens read
    then = estimate(lists(10), Unread(), judge, store)
    assert (then.requests, then.stored) == (27, 3)
    assert then.seconds == pytest.approx(1.5 / 12 * (7 * 2 + 27 * 2))
    others = estimate(lists(10)[1:], Unread(), judge, store, known=lists(1))  # as in a round after the first
    assert (others.lists, others.requests, others.stored) == (9, 27, 0)
    assert others.seconds == pytest.approx(then.seconds)


def test_the_time_of_a_service_grows_with_what_it_is_sent(tmp_path: Path) -> None:
    """Nothing that requests share is read once there: each of the 27 takes as long as each of the first three."""

    class Service(ScriptedJudge):
        @property
        def model(self) -> Model:
            return Model(name="service", served_by="http://localhost/v1")

    store, judge = ReplyStore(tmp_path), Service()
    annotate(lists(1), Unread(), judge, store)
    found = estimate(lists(10), Unread(), judge, store)
    assert (found.requests, found.seconds) == (27, pytest.approx(27 * 0.5))
    assert found.read_tokens == found.prompt_tokens


def select_all(ranked: RankedList, window: int) -> Callable[[Request], Reply]:
    return lambda request: Reply("ok", " ".join(map(str, range(1, min(len(ranked.docnos), window) + 1))))


@pytest.mark.parametrize(
    ("method", "exact"),
    [
        (method_named("direct-ranking", answer="written", window=4, step=2), False),
        (method_named("direct-ranking", answer="written"), True),
        (method_named("listwise-selection", window=4), True),
        (method_named("utility"), False),
    ],
)
def test_an_estimate_goes_through_all_steps_and_says_where_it_is_no_bound(
    tmp_path: Path, method: Method, exact: bool
) -> None:
    (ranked,) = lists(1, size=7)
    window = int(method.settings.get("window", 7))
    found = estimate([ranked], method, ScriptedJudge(), ReplyStore(tmp_path))
    asked = sum(len(requests) for requests in driven(method, ranked, select_all(ranked, window)))
    assert (found.requests, found.exact) == (asked, exact)


def test_a_budget_goes_on_from_what_was_spent(tmp_path: Path) -> None:
    judge, spent = ScriptedJudge(), Spent()
    for _ in range(3):
        annotate(lists(10), OneStep(), judge, ReplyStore(tmp_path), budget=Budget(requests=7), spent=spent)
    assert (len(judge.asked), spent.requests) == (6, 6)  # two lists of three: a third would be too much
