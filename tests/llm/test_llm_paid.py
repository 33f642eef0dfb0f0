"""What an endpoint answered is paid for: no more than the budget, and every reply is kept, whatever ends the asking."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai", reason="openai is not installed")

from scripted import OneStep, ScriptedJudge, lists
from serving.asking import always, judge
from serving.protocol_server import ProtocolServer, Said, answering, chat, error

from benchmark.commands.termination import termination_interrupts
from benchmark.labels.llm.judges.endpoint import EndpointError
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.budget import Budget
from benchmark.labels.llm.runner.run import Annotation, annotate

LISTS = lists(1, size=200, documents=200)
PRICE = 11  # of a reply: it has 11 tokens of prompt
SLOW = replace(chat("1"), hang=0.05)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A key is set, and Ctrl-C does what it does in a terminal."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt(by: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), by)


def judged(server: ProtocolServer, store: Path, concurrency: int, budget: Budget | None = None) -> Annotation:
    asked = judge(server, concurrency=concurrency, price_in=1e6)
    return annotate(LISTS, OneStep(), asked, ReplyStore(store), budget=budget)


def replies_of(requests: int, asked: Any) -> Iterator[tuple[int, Reply]]:
    replies: Iterator[tuple[int, Reply]] = asked.answer([Request("write", "a", str(n)) for n in range(requests)])
    return replies


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_a_budget_is_overrun_by_what_was_under_way_and_that_is_kept(tmp_path: Path, concurrency: int) -> None:
    with answering(always(SLOW)) as server:
        done = judged(server, tmp_path, concurrency, Budget(cost=20 * PRICE))
    assert 20 <= len(server.asked) <= 20 + concurrency - 1
    assert len(ReplyStore(tmp_path)) == done.spent.requests == len(server.asked)
    assert done.spent.cost == pytest.approx(PRICE * len(server.asked))


def test_one_request_at_a_time_ends_with_the_reply_that_reaches_the_budget(tmp_path: Path) -> None:
    with answering(always(chat("1"))) as server:
        judged(server, tmp_path, 1, Budget(cost=1))
    assert len(server.asked) == len(ReplyStore(tmp_path)) == 1


def test_a_judge_that_is_not_stoppable_ends_with_the_reply_that_reaches_the_budget(tmp_path: Path) -> None:
    scripted = ScriptedJudge()
    annotate(LISTS, OneStep(), scripted, ReplyStore(tmp_path), budget=Budget(cost=20 * 0.25))
    assert len(scripted.asked) == len(ReplyStore(tmp_path)) == 20


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_what_was_under_way_at_an_interrupt_is_kept_and_never_asked_again(tmp_path: Path, by: signal.Signals) -> None:
    """Also at a polite kill, which is how a scheduler ends a job."""

    def say(body: dict[str, Any], number: int) -> Said:
        if number == 40:
            interrupt(by)
        return SLOW

    before = signal.getsignal(signal.SIGTERM)
    with answering(say) as server:
        with pytest.raises(KeyboardInterrupt), termination_interrupts():
            judged(server, tmp_path, 8)
        assert signal.getsignal(signal.SIGTERM) is before
        assert 40 <= len(ReplyStore(tmp_path)) == len(server.asked) < 60
        assert judged(server, tmp_path, 8).complete
    assert len(server.asked) == 200
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_polite_kill_also_stops_what_ignores_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.raises(KeyboardInterrupt), termination_interrupts():
        interrupt(signal.SIGTERM)


def test_an_interrupt_before_the_first_request_stops_as_well(tmp_path: Path) -> None:
    with answering(always(SLOW)) as server:
        replies = replies_of(100, judge(server, concurrency=2))
        replies.stop()  # type: ignore[attr-defined]
        assert len(list(replies)) == len(server.asked) <= 2


def test_a_second_interrupt_ends_at_once_and_what_had_come_is_kept(tmp_path: Path) -> None:
    release = threading.Event()

    def say(body: dict[str, Any], number: int) -> Said:
        if number == 20:
            for delay in (0.1, 0.4):
                threading.Timer(delay, interrupt).start()
        if number >= 20:
            release.wait(5)
        return chat("1")

    begun = time.monotonic()
    with answering(say) as server:
        try:
            with pytest.raises(KeyboardInterrupt):
                judged(server, tmp_path, 4)
            assert time.monotonic() - begun < 4
        finally:
            release.set()
    assert len(ReplyStore(tmp_path)) == 20


def busy_but_for(first: int, said: Said) -> Callable[[dict[str, Any], int], Said]:
    return lambda body, number: chat("1") if number < first else said


@pytest.mark.parametrize("said", [error(500), error(503), error(429, Retry_After="30")])
def test_what_waits_to_be_asked_again_is_not_when_all_stops(said: Said) -> None:
    with answering(busy_but_for(1, said)) as server:
        replies = replies_of(10, judge(server, concurrency=3, first_wait=30.0, away=60.0))
        next(replies)
        begun = time.monotonic()
        time.sleep(0.2)
        replies.stop()  # type: ignore[attr-defined]
        assert list(replies) == []
        assert time.monotonic() - begun < 5


def test_what_was_under_way_when_a_service_shuts_the_door_comes_out_before_that_is_told() -> None:
    """Of four at a time one is told that nothing is left to spend."""

    def say(body: dict[str, Any], number: int) -> Said:
        return error(402) if number == 10 else SLOW

    found = []
    with answering(say) as server, pytest.raises(EndpointError, match="nothing left to spend"):
        for _, reply in replies_of(100, judge(server, concurrency=4)):
            found.append(reply.text)
    assert found == ["1"] * (len(server.asked) - 1)


def test_stopping_says_how_many_replies_are_still_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.labels.llm.judges.endpoint.patience._TOLD_AFTER", 0.1)
    told: list[str] = []
    slow = replace(chat("1"), hang=0.6)
    with answering(busy_but_for(1, slow)) as server:
        replies = replies_of(10, judge(server, concurrency=3, say=told.append))
        next(replies)
        time.sleep(0.2)
        replies.stop()  # type: ignore[attr-defined]
        assert len(list(replies)) == 2
    (line,) = told
    assert "asks nothing more; 2 replies are on their way, for 5 s at most" in line
