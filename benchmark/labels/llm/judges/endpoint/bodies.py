"""Requests as bodies of the OpenAI protocol, and what a server was found to understand of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.endpoint.errors import Wrong
from benchmark.labels.llm.judges.judge import Request

Body = dict[str, object]
ALTERNATIVES = (20, 5, 0)
"""How many of the likeliest tokens are asked for: services give 20 at most, some 5, some none."""
_SECRET = re.compile(r"(?:\w+[_-])?(?:api_?key|key|secret|password|authorization|token)", re.IGNORECASE)
_LIMITS = {"max_tokens", "max_completion_tokens"}
_OURS = {"model", "messages", "prompt", "echo", "logprobs", "top_logprobs", "n", "stream"}


@dataclass
class Dialect:
    """What the server understands, learnt from its answers; of `alternatives` apart for chats and running text."""

    alternatives: dict[bool, int] = field(default_factory=lambda: {True: ALTERNATIVES[0], False: ALTERNATIVES[0]})
    given: set[bool] = field(default_factory=set)  # where log-probabilities were seen: there they are never given up
    limit: str = "max_tokens"

    def asked(self, request: Request) -> int:
        """How many alternatives to ask for with a request."""
        return self.alternatives[request.chat] if request.kind == "choose" else 0

    def simpler(self, request: Request, asked: int, limit: str, refusal: Wrong) -> int | None:
        """How many to ask for where `asked` and `limit` were refused; None where it is about something else."""
        if limit == "max_tokens" and "max_completion_tokens" in refusal.detail:
            self.limit = "max_completion_tokens"
            return asked
        # Others may have learnt meanwhile that fewer are given; a number that works was refused for another reason.
        if not asked or (request.chat in self.given and asked <= self.alternatives[request.chat]):
            return None
        return ALTERNATIVES[ALTERNATIVES.index(asked) + 1]

    def learn(self, request: Request, asked: int, *, given: bool) -> None:
        """A request was answered that asked for so many alternatives, which were `given` or not.

        That none were given says nothing of other requests, for a filter may have answered; only refusals do.
        """
        if request.kind != "choose" or (request.chat in self.given and not given):
            return
        known = self.alternatives[request.chat]
        self.alternatives[request.chat] = asked if given and not known else min(known, asked)
        if given:
            self.given.add(request.chat)


def check(request: Request) -> None:
    """Raises `ConfigurationError`, one line, for a request that no endpoint can answer."""
    if request.cut is not None:
        raise ConfigurationError(
            "an endpoint does not know the model's tokens, so it cannot cut a document at them; "
            "use a prompt that cuts at words (version 2 on), or a local model"
        )
    if request.kind == "choose" and len(request.answers) > ALTERNATIVES[0] // 2:
        raise ConfigurationError(
            f"an endpoint tells the {ALTERNATIVES[0]} likeliest tokens at most, which seldom hold all of "
            f"{len(request.answers)} answers; let it write (for direct-ranking: --setting answer=written) or use a "
            "smaller window or a local model"
        )
    if request.kind == "score" and request.chat:
        raise ConfigurationError(
            "an endpoint cannot score text within a chat; use a prompt of running text (chat = false) or a local model"
        )


def path(request: Request) -> str:
    """Where a request goes, below the base URL."""
    return "/chat/completions" if request.chat else "/completions"


def checked_extra(extra: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a user wants to be sent besides; `ConfigurationError` for what is ours to say, or what names a secret."""
    for name in extra:
        if name in _OURS:
            raise ConfigurationError(f"extra-body: {name} is set by the method and the judge; leave it out")
    for text in texts_of(dict(extra)):
        if _SECRET.fullmatch(text):
            raise ConfigurationError(f"extra-body: {text}: a secret would be recorded; keys go into --key-variable")
    return dict(extra)


def texts_of(told: JsonValue) -> Iterator[str]:
    """All names and texts in it, at any depth."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for name, value in told.items():
            yield name
            yield from texts_of(value)
    elif isinstance(told, list):
        for value in told:
            yield from texts_of(value)


def with_extra(told: Body, extra: Mapping[str, JsonValue]) -> Body:
    """A body with what a user wants to be sent besides; a null takes out what would have been sent, a limit another's.

    That is how a temperature that a model does not allow is left out, and how a model gets room to think.
    """
    without = _LIMITS if _LIMITS & extra.keys() else set()
    whole = {name: value for name, value in told.items() if name not in without} | dict(extra)
    return {name: value for name, value in whole.items() if value is not None}


def body(request: Request, model: str, limit: str, alternatives: int, temperature: float, seed: int | None) -> Body:
    """What is sent; without a template for chats, `limit` is always called max_tokens."""
    told: Body = {"model": model, "temperature": temperature}
    if seed is not None:
        told["seed"] = seed
    text = request.shared + request.own
    if request.chat:
        system = [{"role": "system", "content": request.system}] if request.system else []
        told |= {"messages": [*system, {"role": "user", "content": text}], limit: request.max_tokens}
        if alternatives:
            told |= {"logprobs": True, "top_logprobs": alternatives}
        return told
    if request.kind == "score":
        # Servers differ on whether nothing may be written; one token always may.
        return told | {"prompt": text, "max_tokens": 1, "echo": True, "logprobs": 1}
    told |= {"prompt": text, "max_tokens": request.max_tokens}
    return told | {"logprobs": alternatives} if alternatives else told


def guess(text: str) -> int:
    """About how many tokens: one for four ASCII characters and for each other character."""
    ascii_letters = len(text.encode("ascii", "ignore"))
    return -(-ascii_letters // 4) + len(text) - ascii_letters
