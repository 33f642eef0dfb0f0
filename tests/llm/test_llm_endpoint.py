"""The protocol in all its dialects and troubles, and a key that nothing shows."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("openai", reason="openai is not installed")

from serving.asking import always, ask, judge
from serving.protocol_server import (
    ProtocolServer,
    Said,
    answering,
    chat,
    error,
    in_choice,
    inside,
    leaking,
    moderated,
    top,
)

from benchmark.errors import BenchmarkError, ConfigurationError
from benchmark.labels.llm.judges.endpoint import EndpointError, EndpointJudge
from benchmark.labels.llm.judges.endpoint.address import checked_address
from benchmark.labels.llm.judges.endpoint.bodies import Dialect
from benchmark.labels.llm.judges.endpoint.pace import Pace
from benchmark.labels.llm.judges.judge import Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judges.open import open_judge

KEY = "sk-a-secret-that-nobody-may-see-0123456789"
WRITE = Request("write", "Passage.", "\nWhat?", max_tokens=9, system="Judge.")
CHOOSE = Request("choose", "Passage.", "\nYes or no?", ("Yes", "No"))
SCORE = Request("score", "Passage: a", "\nQ: who", lead=3, chat=False)


def to_long(said: Said) -> Callable[[dict[str, Any], int], Said]:
    """Says this to every request with "long" in it, and to the others that all is fine."""
    return lambda body, number: said if "long" in str(body["messages"]) else chat("fine")


def not_long(server: ProtocolServer) -> list[str]:
    """What was asked without that word."""
    return [body["messages"][1]["content"] for body in server.asked if "long" not in str(body["messages"])]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


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


@pytest.mark.parametrize(
    ("extra", "sent"),
    [
        ({"chat_template_kwargs": {"enable_thinking": False}}, {"chat_template_kwargs": {"enable_thinking": False}}),
        ({"temperature": None}, {"temperature": "not sent"}),
        ({"max_completion_tokens": 2000}, {"max_completion_tokens": 2000, "max_tokens": "not sent"}),
    ],
)
def test_what_a_user_wants_to_be_sent_is_sent_and_is_part_of_what_a_reply_depends_on(
    extra: dict[str, Any], sent: dict[str, Any]
) -> None:
    (reply,), server = ask(always(chat("fine")), WRITE, extra=extra)
    assert reply.status == "ok"
    assert {name: server.asked[0].get(name, "not sent") for name in sent} == sent
    plain, told = (EndpointJudge(server.base_url, "m", extra=each).model for each in ({}, extra))
    assert told.identity != plain.identity == Model(name="m", served_by=server.base_url).identity
    assert Model.model_validate_json(told.model_dump_json()) == told


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"extra": {"messages": []}}, "extra-body: messages is set by the method and the judge; leave it out"),
        ({"extra": {"logprobs": None}}, "extra-body: logprobs is set by"),
        ({"extra": {"user": [f"me {KEY}"]}}, "extra-body: holds the key in OPENAI_API_KEY, and would be recorded"),
        ({"extra": {"metadata": {"api_key": "x"}}}, "extra-body: api_key: a secret would be recorded"),
        ({"extra": {"Authorization": "x"}}, "extra-body: Authorization: a secret would be recorded"),
        ({"served_as": "http://here"}, "served-as: must be a plain name"),
    ],
)
def test_what_may_not_be_sent_or_named_is_one_line(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(reason)) as caught:
        EndpointJudge("http://localhost:1/v1", "m", **settings)
    assert KEY not in str(caught.value)


def test_a_model_that_takes_no_temperature_is_told_how_it_is_asked() -> None:
    said = error(400, "Unsupported value: 'temperature' does not support 0 with this model.")
    with pytest.raises(ConfigurationError, match=r"leave that out: --extra-body '\{\"temperature\": null\}'$"):
        ask(lambda body, number: said if "temperature" in body else chat("fine"), WRITE)


def test_a_content_in_parts_is_its_text_and_what_is_not_counted_is_guessed() -> None:
    parts = {"content": [{"type": "text", "text": "fi"}, {"type": "text", "text": "ne"}]}
    (reply,), _ = ask(always(chat("", message=parts)), WRITE)
    assert (reply.text, reply.prompt_tokens) == ("fine", 11)
    uncounted = chat("fine", usage=False)
    uncounted.body["usage"] = {"prompt_tokens": None, "completion_tokens": 2}
    (reply,), _ = ask(always(uncounted), WRITE)
    assert (reply.status, reply.prompt_tokens, reply.detail) == ("ok", 5, "tokens guessed")


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


def test_who_asked_for_too_many_before_fewer_were_known_to_work_asks_again_for_those() -> None:
    """One of four is refused and answered with 5; only then are the others refused, who had asked for 20 as well."""
    learnt = threading.Event()

    def say(body: dict[str, Any], number: int) -> Said:
        if body["top_logprobs"] <= 5:
            learnt.set()
            return chat("No", **top(No=-0.2, Yes=-1.9))
        if number:
            learnt.wait(5)
            time.sleep(0.2)  # the answer is there before the refusal
        return error(400, "top_logprobs is too large")

    replies, server = ask(say, *[CHOOSE] * 12, concurrency=4)
    assert {(reply.status, reply.log_probabilities) for reply in replies} == {("ok", (-1.9, -0.2))}
    assert sorted(body["top_logprobs"] for body in server.asked) == [5] * 12 + [20] * 4


BARE = [chat("", finish="content_filter"), chat("", message={"refusal": "No."}), chat(""), chat("Sorry.")]


@pytest.mark.parametrize("said", BARE, ids=range(len(BARE)))
def test_an_early_answer_without_log_probabilities_does_not_cost_the_others_theirs(said: Said) -> None:
    replies, server = ask(always(said, chat("No", **top(No=-0.2, Yes=-1.9))), *[CHOOSE] * 4)
    assert [reply.log_probabilities for reply in replies] == [None, *[(-1.9, -0.2)] * 3]
    assert [body["top_logprobs"] for body in server.asked] == [20] * 4


def test_log_probabilities_that_come_after_they_were_given_up_are_asked_for_again() -> None:
    dialect = Dialect()
    dialect.learn(CHOOSE, 0, given=False)
    assert dialect.asked(CHOOSE) == 0
    dialect.learn(CHOOSE, 20, given=True)  # was on its way all the time
    assert dialect.asked(CHOOSE) == 20
    dialect.learn(CHOOSE, 20, given=False)
    assert dialect.asked(CHOOSE) == 20


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
    assert set(server.paths) == {"/v1/completions"}
    assert (server.asked[-1]["echo"], server.asked[-1]["prompt"]) == (True, "Passage: a\nQ: who")


@pytest.mark.parametrize("place", [0, 1])
def test_scores_that_stand_beside_the_wrong_tokens_are_found_out_before_any_is_paid_for(place: int) -> None:
    """A server that knows what repeats itself; with `place` 1 each token gets what the one after it should have had."""

    def say(body: dict[str, Any], number: int) -> Said:
        tokens = re.findall(r"\n|[^\S\n]*\S+", body["prompt"])
        after = {first: second.strip() for first, second in pairwise(map(str.strip, tokens))}
        told = [
            -0.1 if at > 7 and after.get(tokens[at - 1 + place].strip()) == tokens[at].strip() else -6.0
            for at in range(1, len(tokens))
        ]
        return Said(body={"choices": [{"text": "", "logprobs": {"tokens": tokens, "token_logprobs": [None, *told]}}]})

    asked = [replace(SCORE, own=f"\nQ: who {number}") for number in range(5)]
    if not place:
        replies, server = ask(say, *asked, concurrency=4)
        assert [reply.log_probabilities for reply in replies] == [(-12.0, 2.0)] * 5
        assert [body["prompt"].count("three") for body in server.asked] == [6, 0, 0, 0, 0, 0]
        return
    with answering(say) as server:
        with pytest.raises(ConfigurationError, match=r"five times has -6\.0 for each token the sixth time"):
            list(judge(server, concurrency=4).answer(asked))
        assert len(server.asked) == 1


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
    (moderated('m requires moderation. Your input was flagged for "violence".'), "refused"),
    (moderated("no", reasons=["violence"], flagged_input="Pass..."), "refused"),
    (error(403, "stopped", "content_policy_violation"), "refused"),
    (inside("Your input was flagged", 403), "refused"),
    (inside("stopped", "content_filter"), "refused"),
]


@pytest.mark.parametrize(("said", "status"), REPLIES, ids=range(len(REPLIES)))
def test_how_an_answer_ended_is_its_status(said: Said, status: str) -> None:
    (reply,), _ = ask(always(said), WRITE)
    assert reply.status == status


AGAIN = [error(429, "slow down"), error(500), error(504), error(409), error(429, Retry_After="0.01")]
AGAIN += [inside("slow down", 429), inside("slow down", "429"), inside("broken", 500), inside("nobody", 502)]
AGAIN += [inside("slow down", type="rate_limit_exceeded"), in_choice("cut off", 502)]


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
    said = error(400, "the prompt is too long")
    replies, _ = ask(to_long(said), WRITE, replace(WRITE, shared="long"), WRITE)
    assert [reply.status for reply in replies] == ["ok", "failed", "ok"]
    assert replies[1].detail == "400: the prompt is too long"


TROUBLES = [
    error(400, "maximum context length is 9 tokens"),
    error(413),
    error(422, "string too long"),
    error(500),
    replace(chat("late"), hang=1.0),
    error(429, "Request too large for m on tokens per min"),
    inside("nobody", 502),
    inside("it is too long", 400),
    inside("strange"),
    Said(body={"hello": 1}),
]


@pytest.mark.parametrize("said", TROUBLES, ids=range(len(TROUBLES)))
@pytest.mark.parametrize("count", [1, 12])
def test_what_can_never_be_answered_fails_alone_also_where_nothing_else_is_left(said: Said, count: int) -> None:
    """As when the same command is given again: all that could be answered is in the store."""

    requests = [replace(WRITE, shared="long", own=str(number)) for number in range(count)]
    replies, server = ask(to_long(said), *requests, concurrency=4, retries=1, timeout=0.5 if said.hang else 60)
    assert {reply.status for reply in replies} == {"failed"}
    plain = not_long(server)
    assert set(plain) == {"Hello.Hello."}
    assert len(plain) <= 1 + (count - 1) // 8


@pytest.mark.parametrize("said", [error(429), error(502), error(503), inside("slow down", 429)], ids=range(4))
@pytest.mark.parametrize("count", [1, 6])
def test_what_waits_in_vain_for_a_service_that_is_there_fails_alone(said: Said, count: int) -> None:
    requests = [replace(WRITE, shared="long", own=str(number)) for number in range(count)]
    replies, server = ask(to_long(said), *requests, concurrency=4, retries=1)
    assert {reply.status for reply in replies} == {"failed"}
    assert all(reply.detail.startswith(("still limits", "nobody there")) for reply in replies)
    assert not_long(server) == ["Hello.Hello."] * count


def test_a_request_larger_than_a_minute_allows_holds_up_no_other() -> None:
    said = error(429, "Request too large for m on tokens per min (TPM): Limit 9, Requested 12.")
    replies, server = ask(to_long(said), WRITE, replace(WRITE, shared="long"), WRITE)
    assert [reply.status for reply in replies] == ["ok", "failed", "ok"]
    assert len(server.asked) == 3


def test_a_score_that_cannot_be_told_fails_alone_where_another_after_the_same_lead_can() -> None:
    def say(body: dict[str, Any], number: int) -> Said:
        prompt = body["prompt"]
        tokens = list(prompt) if "Hello" in prompt else [prompt, "!"]
        logprobs = {"tokens": tokens, "token_logprobs": [-1.0] * len(tokens)}
        return Said(body={"choices": [{"text": "", "logprobs": logprobs}]})

    (reply,), server = ask(say, SCORE, price_in=2.0)
    assert (reply.status, "run across" in reply.detail) == ("failed", True)
    assert (reply.prompt_tokens, reply.cost) == (5, pytest.approx(5 * 2.0 / 1e6))  # it was read, and is charged
    assert server.asked[2]["prompt"] == "Hello.\nQ:Hello."


def test_what_is_no_probability_fails_alone() -> None:
    """One such number, kept as it is, would keep all judgments out of their file."""

    def say(body: dict[str, Any], number: int) -> Said:
        if "messages" in body:
            return chat("Yes", **(top(Yes=-0.1, No=-0.2) if "Passage" in str(body) else top(Yes=-0.1, No=-2.4)))
        logprobs = {"tokens": ["Passage: a\nQ:", " who"], "token_logprobs": [None, 0.5]}
        hello = {"tokens": ["Hello.\nQ:", "Hello."], "token_logprobs": [None, -0.5]}
        return Said(body={"choices": [{"text": "", "logprobs": logprobs if "who" in body["prompt"] else hello}]})

    replies, _ = ask(say, CHOOSE, replace(CHOOSE, shared="Text."), SCORE, concurrency=1)
    assert [reply.status for reply in replies] == ["failed", "ok", "failed"]
    assert replies[0].detail == "gave probabilities that are more than 1 together"
    assert replies[2].detail == "gave a likelihood above 1 tokens guessed"


def test_a_service_that_no_longer_answers_anything_stops_the_run() -> None:
    def say(body: dict[str, Any], number: int) -> Said:
        return chat("fine") if number < 5 else error(400, "temperature is not supported")

    reason = r"400: temperature is not supported; nor is a plain request answered$"
    with answering(say) as server, pytest.raises(EndpointError, match=reason):
        list(judge(server).answer([WRITE] * 100))
    assert len(server.asked) == 5 + 8 + 1


STOPS = [
    (error(401, "bad key"), "does not accept the key in environment variable OPENAI_API_KEY; set OPENAI_API_KEY"),
    (error(402), "nothing left to spend"),
    (error(429, code="insufficient_quota"), "nothing left to spend"),
    (error(403), "refuses"),
    (error(403, "your account was flagged"), "refuses"),
    (error(400, "m is not a valid model ID"), "400: m is not a valid model ID; nor is a plain request answered"),
    (error(400, "API key not valid"), "400: API key not valid"),
    (inside("bad key", 401), "does not accept the key"),
    (inside("no", "insufficient_quota"), "nothing left to spend"),
    (inside("slow down", 429), "still limits the rate after 3 tries"),
    (inside("nobody", 502), "gave no answer in 3 tries, at last: 502: nobody"),
    (inside("strange"), "answered with an error: strange"),
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


def seconds_until_given_up(asked: EndpointJudge) -> float:
    begun = time.monotonic()
    with pytest.raises(EndpointError, match="nobody there for"):
        list(asked.answer([WRITE]))
    return time.monotonic() - begun


def test_where_nothing_ever_listened_is_soon_given_up_and_who_was_there_is_waited_for() -> None:
    """A server that still loads its model, 503, is there."""
    with answering(always(chat("x"))) as server:
        never, answered = (judge(server, at_first=0.1, away=1.0) for _ in range(2))
        list(answered.answer([WRITE]))
    assert seconds_until_given_up(never) < 0.6 < seconds_until_given_up(answered)
    with answering(always(error(503))) as server:
        assert seconds_until_given_up(judge(server, at_first=0.1, away=1.0)) > 0.6


WRONG = [*(said for said, _ in STOPS), replace(chat("x"), hang=1.0), moderated("no", reasons=["violence"])]


@pytest.mark.parametrize("said", WRONG, ids=range(len(WRONG)))
def test_the_key_is_nowhere_whatever_goes_wrong(
    said: Said, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A service that repeats the key in its answer; logs at their most talkative; the whole chain of errors."""
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    with answering(always(leaking(said, KEY))) as server:
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


def test_another_model_than_was_asked_for_is_named() -> None:
    answers = [Said(body=chat("fine").body | {"model": name}) for name in ("m", "m-2026-11", None, ["m"], KEY)]
    replies, _ = ask(always(*answers), WRITE, WRITE, WRITE, WRITE, WRITE, concurrency=1)
    assert [reply.served for reply in replies] == ["", "m-2026-11", "", "", "***"]


def test_a_malformed_key_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\nmore")
    with pytest.raises(ConfigurationError, match="environment variable OPENAI_API_KEY: holds a space") as caught:
        ask(always(chat("x")), WRITE)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("variable", [KEY, "hf_aSecretThatLooksLikeAName", ""])
def test_a_key_in_the_place_of_its_variable_is_not_repeated(variable: str) -> None:
    with pytest.raises(ConfigurationError, match="key-variable: names no environment variable that is set") as caught:
        EndpointJudge("http://host/v1", "m", key_variable=variable)
    assert not variable or variable not in str(caught.value)


def test_an_address_in_capitals_is_one() -> None:
    with pytest.raises(ConfigurationError, match="holds a user or a password") as caught:
        open_judge(f"HTTPS://me:{KEY}@host/v1", name="m")
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


def test_seconds_are_those_of_the_service_not_of_waiting() -> None:
    begun = time.monotonic()
    replies, _ = ask(always(error(500, "busy"), chat("fine")), WRITE, first_wait=0.5)
    assert replies[0].seconds <= time.monotonic() - begun - 0.25  # the wait is half of 0.5 at least

    begun = time.monotonic()
    replies, _ = ask(always(chat("fine")), *[WRITE] * 3, requests_per_minute=240)
    assert max(reply.seconds for reply in replies) <= time.monotonic() - begun - 0.4  # the third is put off by 0.5


def test_more_answers_than_a_service_compares_are_refused_before_anything_is_asked() -> None:
    with answering(always(chat("A"))) as server:
        letters = tuple("ABCDEFGHIJK")
        with pytest.raises(ConfigurationError, match=r"20 likeliest tokens at most.*--setting answer=written"):
            judge(server).answer([replace(CHOOSE, answers=letters)])
        assert not server.asked


def test_a_prompt_that_cuts_at_tokens_is_not_for_endpoints() -> None:
    with pytest.raises(ConfigurationError, match="use a prompt that cuts at words"):
        ask(always(chat("x")), replace(SCORE, cut=(0, 4)))
