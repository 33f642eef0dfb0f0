"""A judge behind an endpoint that speaks the OpenAI protocol: a paid service, or a server of one's own."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec

from pydantic import JsonValue

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.endpoint.address import Key, checked_address
from benchmark.labels.llm.judges.endpoint.bodies import check, checked_extra, guess, texts_of
from benchmark.labels.llm.judges.endpoint.pace import Pace
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model

_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class EndpointJudge:
    """Answers requests through `base_url`, `concurrency` at a time; satisfies `Judge`.

    Cost of a reply: (prompt tokens x `price_in` + completion tokens x `price_out`) / 10^6, in the currency of the
    prices. The key is read from the environment variable `key_variable` whenever `answer` is called and is shown and
    kept nowhere. `choose` gives log-probabilities where the service does (the 20 likeliest tokens, or 5) and all
    answers are among them, else the text alone. `score` needs a server that gives those of the prompt, such as vLLM's,
    and gives them right: a text that repeats itself is scored first.

    429, 5xx, lost connections and timeouts (`timeout` seconds for an answer) are asked again, `retries` times, with
    growing waits from `first_wait` seconds on; a server that is away is waited for, `away` seconds at most, or
    `at_first` where nothing ever listened there, and `say` is told. A single request that cannot be answered gets the
    reply `failed`, one that the service's filter stops `refused`. Where nothing was answered yet, or several in a row
    were not, a short plain request is sent as well: if it fails too, the set-up or the service is at fault.

    `extra` is sent with every request besides what the protocol needs, and a null takes a field out: models that think
    before they answer are told not to, or given room ({"max_completion_tokens": 2000}), and those that allow no
    temperature are sent none ({"temperature": null}). `served_as` names the service in what is recorded, where its
    address changes and its answers do not: by that name, as by `extra`, replies are found again.

    Raises `ConfigurationError` for what cannot be asked, and, while answering, `EndpointError`: nobody there, not let
    in, no such model, another protocol. What was answered before has been given out by then.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key_variable: str = "OPENAI_API_KEY",
        concurrency: int = 16,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        timeout: float = 60.0,
        retries: int = 6,
        first_wait: float = 0.5,
        away: float = 600.0,
        at_first: float = 30.0,
        price_in: float = 0.0,
        price_out: float = 0.0,
        temperature: float = 0.0,
        seed: int | None = None,
        extra: Mapping[str, JsonValue] | None = None,
        served_as: str | None = None,
        say: Callable[[str], None] = _say,
    ) -> None:
        if find_spec("openai") is None:
            raise ConfigurationError("endpoint: needs the client; run python -m pip install 'click-or-llm[annotate]'")
        _check_numbers(
            {"concurrency": concurrency, "timeout": timeout, "requests_per_minute": requests_per_minute,
             "tokens_per_minute": tokens_per_minute},
            {"retries": retries, "first_wait": first_wait, "away": away, "at_first": at_first, "price_in": price_in,
             "price_out": price_out, "temperature": temperature},
        )  # fmt: skip
        from benchmark.labels.llm.judges.endpoint.patience import Patience
        from benchmark.labels.llm.judges.endpoint.session import Session

        self._where = checked_address(base_url)
        key = Key(key_variable)  # a mistake is told before anything is asked
        self._key_variable = key.variable
        sent = checked_extra(extra or {})
        if any(key.hide(text) != text for text in texts_of(sent)):
            raise ConfigurationError(
                f"extra-body: holds the key in {key.variable}, and would be recorded; leave it out"
            )
        if served_as is not None and not _NAME.fullmatch(served_as):
            raise ConfigurationError("served-as: must be a plain name: up to 64 letters, digits or . _ -")
        patience = Patience(
            self._where,
            Pace(requests_per_minute, tokens_per_minute),
            retries=retries,
            first=first_wait,
            timeout=timeout,
            away=away,
            at_first=at_first,
            say=say,
        )
        self._model = Model(
            name=model,
            served_by=served_as or self._where,
            temperature=temperature,
            seed=seed,
            extra=sent,
            versions={"openai": version("openai")},
        )
        self._session = Session(self._model, self._where, patience, (price_in / 1e6, price_out / 1e6), concurrency)

    def __repr__(self) -> str:
        return f"EndpointJudge({self._where!r}, {self._model.name!r})"

    @property
    def model(self) -> Model:
        """The model's name, where it is served, and its decoding."""
        return self._model

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """A guess: one token for four ASCII characters and for each other character."""
        return [guess(text) for text in texts]

    def check(self, requests: Iterable[Request]) -> None:
        """See `Judge`."""
        for request in requests:
            check(request)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """See `Judge`. Requests are sent as replies are dealt with: at most `concurrency` are ahead of the caller.

        The iterator is `Stoppable`: what is under way then comes out, after `timeout` seconds at most. Closing it
        cancels that. What it raises comes after all that was under way.
        """
        self.check(requests)
        key = Key(self._key_variable)
        if not requests:
            return iter(())
        return self._session.replies(requests, key)


def _check_numbers(positive: dict[str, float | None], not_negative: dict[str, float]) -> None:
    for name, value in positive.items():
        if value is not None and not value > 0:
            raise ConfigurationError(f"endpoint: {name} is {value}; give a number above 0")
    for name, value in not_negative.items():
        if not value >= 0:
            raise ConfigurationError(f"endpoint: {name} is {value}; give 0 or more")
