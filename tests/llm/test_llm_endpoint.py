"""The protocol in all its dialects and troubles, and a key that nothing shows."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("openai", reason="openai is not installed")

from serving.protocol_server import ProtocolServer, Said, answering, chat, error

from benchmark.errors import BenchmarkError, ConfigurationError
from benchmark.labels.llm.judges.endpoint import EndpointError, EndpointJudge
from benchmark.labels.llm.judges.endpoint.address import checked_address
from benchmark.labels.llm.judges.endpoint.pace import Pace
from benchmark.labels.llm.judges.judge import Reply, Request

KEY = "sk-a-secret-that-nobody-may-see-0123456789"
WRITE = Request("write", "Passage.", "\nWhat?", max_tokens=9, system="Judge.")
CHOOSE = Request("choose", "Passage.", "\nYes or no?", ("Yes", "No"))
SCORE = Request("score", "Passage: a", "\nQ: who", lead=3, chat=False)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def judge(server: ProtocolServer, **more: Any) -> EndpointJudge:
    told: dict[str, Any] = {"concurrency": 1, "retries": 2, "first_wait": 0.01, "away": 0.4, "timeout": 5.0}
    return EndpointJudge(server.base_url, "m", **(told | {"say": lambda line: None} | more))


def ask(
    say: Callable[[dict[str, Any], int], Said], *requests: Request, **more: Any
) -> tuple[list[Reply], ProtocolServer]:
    with answering(say) as server:
        found = dict(judge(server, **more).answer(requests))
    assert sorted(found) == list(range(len(requests)))
    return [found[index] for index in range(len(requests))], server


def always(*said: Said) -> Callable[[dict[str, Any], int], Said]:
    return lambda body, number: said[min(number, len(said) - 1)]


def top(**log_p: float) -> dict[str, Any]:
    listed = [{"token": token, "logprob": value} for token, value in log_p.items()]
    return {"logprobs": {"content": [listed[0] | {"top_logprobs": listed}]}}


def test_what_is_asked_is_in_the_words_of_the_protocol() -> None:
    (reply,), server = ask(always(chat("fine")), WRITE, seed=4, price_in=2.0, price_out=10.0)
    assert server.paths == ["/v1/chat/completions"]
    assert server.asked[0] == {
        "model": "m",
        "temperature": 0.0,
        "seed": 4,
        "max_tokens": 9,
        "messages": [{"role": "system", "content": "Judge."}, {"role": "user", "content": "Passage.\nWhat?"}],
    }
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert (reply.status, reply.text, reply.prompt_tokens, reply.completion_tokens) == ("ok", "fine", 11, 2)
    assert reply.cost == pytest.approx((11 * 2.0 + 2 * 10.0) / 1e6)


def test_a_choice_is_by_log_probability_where_all_answers_have_one() -> None:
    (reply,), server = ask(always(chat("No", **top(No=-0.2, Yes=-1.9))), CHOOSE)
    assert (reply.text, reply.log_probabilities) == ("No", (-1.9, -0.2))
    assert (server.asked[0]["logprobs"], server.asked[0]["top_logprobs"]) == (True, 20)
    (reply,), _ = ask(always(chat("No", **top(No=-0.2))), CHOOSE)
    assert (reply.text, reply.log_probabilities) == ("No", None)


def test_a_service_without_log_probabilities_is_asked_for_fewer_and_then_for_none_and_this_is_remembered() -> None:
    def say(body: dict[str, Any], number: int) -> Said:
        return error(400, "top_logprobs is too large") if body.get("top_logprobs") else chat("Yes")

    replies, server = ask(say, CHOOSE, CHOOSE, CHOOSE)
    assert [body.get("top_logprobs") for body in server.asked] == [20, 5, None, None, None]
    assert {(reply.status, reply.text, reply.log_probabilities) for reply in replies} == {("ok", "Yes", None)}


def test_a_service_that_calls_the_limit_otherwise_is_understood() -> None:
    def say(body: dict[str, Any], number: int) -> Said:
        return error(400, "use max_completion_tokens instead") if "max_tokens" in body else chat("fine")

    replies, server = ask(say, WRITE, WRITE)
    assert [reply.text for reply in replies] == ["fine", "fine"]
    assert ["max_tokens" in body for body in server.asked] == [True, False, False]


def test_a_score_sums_the_tokens_after_the_lead() -> None:
    tokens = ["Pass", "age", ": a", "\nQ:", " who"]
    logprobs = {"tokens": tokens, "token_logprobs": [None, -1.0, -2.0, -0.5, -3.25], "text_offset": None}
    (reply,), server = ask(always(Said(body={"choices": [{"text": "", "logprobs": logprobs}]})), SCORE)
    assert reply.log_probabilities == (-3.25, 1.0)
    assert server.paths == ["/v1/completions"]
    assert (server.asked[0]["echo"], server.asked[0]["prompt"]) == (True, "Passage: a\nQ: who")


@pytest.mark.parametrize("said", [error(400, "echo is not supported"), Said(body={"choices": [{"text": "x"}]})])
def test_a_service_that_cannot_score_is_one_line(said: Said) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot score; use another method, or a local model$"):
        ask(always(said), SCORE)


REPLIES = [
    (chat("", finish="content_filter"), "refused"),
    (chat("", message={"refusal": "I will not."}), "refused"),
    (error(400, "stopped", "content_filter"), "refused"),
    (chat("one two", finish="length"), "truncated"),
    (chat("", finish="stop"), "ok"),
]


@pytest.mark.parametrize(("said", "status"), REPLIES, ids=range(len(REPLIES)))
def test_how_an_answer_ended_is_its_status(said: Said, status: str) -> None:
    (reply,), _ = ask(always(said), WRITE)
    assert reply.status == status


AGAIN = [error(429, "slow down"), error(500), error(504), error(409), error(429, Retry_After="0.01")]


@pytest.mark.parametrize("said", AGAIN, ids=range(len(AGAIN)))
def test_a_passing_trouble_is_asked_again(said: Said) -> None:
    (reply,), server = ask(always(said, chat("fine")), WRITE)
    assert (reply.text, len(server.asked)) == ("fine", 2)


def test_a_wait_that_the_service_asks_for_is_kept() -> None:
    begun = time.monotonic()
    ask(always(error(429, Retry_After="0.3"), chat("fine")), WRITE)
    assert time.monotonic() - begun > 0.3


def test_an_answer_that_does_not_come_in_time_is_asked_for_again() -> None:
    (reply,), server = ask(always(replace(chat("late"), hang=2.0), chat("fine")), WRITE, timeout=0.3)
    assert (reply.text, len(server.asked)) == ("fine", 2)


def test_one_request_that_cannot_be_answered_fails_alone() -> None:
    def say(body: dict[str, Any], number: int) -> Said:
        return error(400, "the prompt is too long") if "long" in str(body["messages"]) else chat("fine")

    replies, _ = ask(say, WRITE, replace(WRITE, shared="long"), WRITE)
    assert [reply.status for reply in replies] == ["ok", "failed", "ok"]
    assert replies[1].detail == "400: the prompt is too long"


STOPS = [
    (error(401, "bad key"), "does not accept the key in environment variable OPENAI_API_KEY; set OPENAI_API_KEY"),
    (error(402), "nothing left to spend"),
    (error(429, code="insufficient_quota"), "nothing left to spend"),
    (error(403), "refuses"),
    (error(404, "no model m"), "knows no such model or path .404: no model m.; check --model and the base URL"),
    (error(500), "gave no answer in 3 tries"),
    (error(429), "still limits the rate after 3 tries"),
    (error(429, Retry_After="9999"), "asks to wait 9999 s"),
    (error(503), "nobody there for 0 s"),
    (Said(body="<html>welcome</html>", headers={"Content-Type": "text/html"}), "something else"),
    (Said(body={"hello": 1}), "something else than the OpenAI protocol"),
    (Said(307, "", {"Location": "/elsewhere"}), "refuses|gave no answer|something else|307"),
]


@pytest.mark.parametrize(("said", "reason"), STOPS, ids=range(len(STOPS)))
def test_what_no_request_survives_stops_the_run_with_one_line(said: Said, reason: str) -> None:
    with pytest.raises(EndpointError, match=f"^endpoint http://127.*({reason})") as caught:
        ask(always(said), WRITE)
    assert "\n" not in str(caught.value)


def test_nobody_there_is_waited_for_and_then_one_line() -> None:
    with answering(always(chat("x"))) as server:
        pass
    told: list[str] = []
    with pytest.raises(EndpointError, match=r"nobody there for 0 s .*start the server or check the base URL"):
        list(judge(server, say=told.append).answer([WRITE]))
    assert any("nobody there" in line and "waiting" in line for line in told)


@pytest.mark.parametrize(("said", "reason"), [*STOPS, (replace(chat("x"), hang=1.0), "")], ids=range(len(STOPS) + 1))
def test_the_key_is_nowhere_whatever_goes_wrong(
    said: Said, reason: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A service that repeats the key in its answer; logs at their most talkative; the whole chain of errors."""
    leaking = replace(said, body={"error": {"message": f"you sent {KEY}"}}) if said.status >= 400 else said
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    with answering(always(leaking)) as server:
        asked = judge(server, say=lines.append, timeout=0.3)
        try:
            lines += [repr(reply) for _, reply in asked.answer([WRITE])]
        except BenchmarkError as problem:
            lines += traceback.format_exception(problem)
            chain: BaseException | None = problem
            while chain is not None:
                lines += [repr(chain), repr(vars(chain))]
                chain = chain.__cause__ or chain.__context__
        lines += [repr(asked), repr(vars(asked)), asked.model.model_dump_json()]
    out, err = capfd.readouterr()
    assert KEY not in "\n".join([*lines, out, err, caplog.text])


def test_an_answer_that_repeats_the_key_is_kept_without_it() -> None:
    (reply,), _ = ask(always(chat(f"your key is {KEY}")), WRITE)
    assert reply.text == "your key is ***"


def test_a_key_that_is_none_is_said_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\nmore")
    with pytest.raises(ConfigurationError, match="environment variable OPENAI_API_KEY: holds a space") as caught:
        ask(always(chat("x")), WRITE)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"http://me:{KEY}@host/v1", "holds a user or a password"),
        (f"http://host/v1?key={KEY}", "holds a query"),
        ("ftp://host/v1", "is no address"),
        ("host/v1", "is no address"),
        ("http://host:port/v1", "is no address"),
    ],
)
def test_an_address_holds_nothing_secret(url: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        checked_address(url)
    assert KEY not in str(caught.value)
    assert checked_address("https://host:8000/v1/") == "https://host:8000/v1"


def test_who_stops_taking_stops_the_asking_and_leaves_no_thread() -> None:
    def threads() -> set[str]:
        return {thread.name for thread in threading.enumerate() if thread.name == "endpoint"}

    with answering(always(chat("fine"))) as server:
        replies = judge(server, concurrency=2).answer([WRITE] * 200)
        assert isinstance(replies, Iterator)
        next(replies)
        assert threads()
        replies.close()  # type: ignore[attr-defined]
        assert not threads()
        time.sleep(0.3)  # what was on its way to the server may still be read there
        asked = len(server.asked)
        time.sleep(0.1)
    assert len(server.asked) == asked < 40


def test_as_many_requests_are_under_way_as_allowed() -> None:
    now = most = 0
    lock = threading.Lock()

    def say(body: dict[str, Any], number: int) -> Said:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.03)
        with lock:
            now -= 1
        return chat("fine")

    ask(say, *[WRITE] * 24, concurrency=6)
    assert 3 <= most <= 6


def test_a_pace_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """600 requests a minute are one each tenth of a second; 60,000 tokens a minute a thousand each second."""
    slept: list[float] = []

    async def turns(pace: Pace, tokens: int) -> list[float]:
        clock = [100.0]
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda: clock[0], raising=False)

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            clock[0] += seconds

        monkeypatch.setattr("benchmark.labels.llm.judges.endpoint.pace.asyncio.sleep", sleep)
        begun = []
        for _ in range(5):
            await pace.turn(tokens)
            begun.append(clock[0] - 100.0)
        return begun

    assert asyncio.run(turns(Pace(600, None), 7)) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert asyncio.run(turns(Pace(600, 60_000), 1000)) == pytest.approx([0, 1, 2, 3, 4])
    assert asyncio.run(turns(Pace(None, None), 10)) == pytest.approx([0] * 5)


@pytest.mark.parametrize(
    "settings", [{"concurrency": 0}, {"timeout": 0}, {"retries": -1}, {"price_in": -1.0}, {"temperature": math.nan}]
)
def test_settings_that_make_no_sense_are_one_line(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"endpoint: {next(iter(settings))} is"):
        EndpointJudge("http://localhost/v1", "m", **settings)


def test_a_prompt_that_cuts_at_tokens_is_not_for_endpoints() -> None:
    with pytest.raises(ConfigurationError, match="use a prompt that cuts at words"):
        ask(always(chat("x")), replace(SCORE, cut=(0, 4)))
