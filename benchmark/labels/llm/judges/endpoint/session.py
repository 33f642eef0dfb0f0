"""Many requests to one endpoint at once."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import openai

from benchmark.errors import BenchmarkError, ConfigurationError
from benchmark.labels.llm.judges.endpoint.address import Key
from benchmark.labels.llm.judges.endpoint.answers import CANNOT_SCORE, Answer, alternatives, checked, parse, reply
from benchmark.labels.llm.judges.endpoint.bodies import Dialect, body, guess, path, with_extra
from benchmark.labels.llm.judges.endpoint.errors import EndpointError, Filtered, Unanswered, Wrong
from benchmark.labels.llm.judges.endpoint.patience import Patience
from benchmark.labels.llm.judges.endpoint.stream import Outlet, Stream
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model

_TRUST = 8  # so many failures in a row, and the service is doubted
_CONNECT = 10.0  # seconds
_PLAIN = "Hello."
_LINE = "one two three four five six seven eight"
_REPEATED = Request("score", f"{_LINE}\n" * 5, _LINE, chat=False)
_LEAST = -3.0  # nats for each token; a model of language repeats what stood there five times at -0.1 or so
_MISPLACED = (
    "gives log-probabilities of a prompt that cannot be those of its tokens: a line that stood there five times has "
    "{mean:.1f} for each token the sixth time. Some servers are known to place them one token off; score with another "
    "server, such as vLLM, or with a local model"
)
_NO_TEMPERATURE = """if it takes no temperature, leave that out: --extra-body '{"temperature": null}'"""

Replies = Outlet[tuple[int, Reply]]


class Session:
    """What is learnt of an endpoint stays from one batch of requests to the next; connections do not.

    A failed reply may be the request's fault or the service's. Where nothing was ever answered, or several requests in
    a row were not, a plain request in the same terms is asked as well: if that fails too, it is the service's, and
    everything stops (`EndpointError`). So it is where a request waited in vain for a service that seemed away or busy.

    Before anything is scored a text whose score is known to be high is, since what comes back misplaced looks like any
    other score.

    Whatever stops it, what is under way may be paid for, and comes out: no request is begun or tried again then.
    """

    def __init__(
        self, model: Model, where: str, patience: Patience, prices: tuple[float, float], concurrency: int
    ) -> None:
        self._model, self._where = model, where
        self._patience, self._prices, self._concurrency = patience, prices, concurrency
        self._dialect = Dialect()
        self._trust = 1  # so many more failures in a row, and it is doubted
        self._answered = False  # ever
        self._scores_checked = False

    def replies(self, requests: Sequence[Request], key: Key) -> Stream[tuple[int, Reply]]:
        """The index and the reply of each request, as they come."""
        return Stream(lambda outlet: self._work(requests, key, outlet), self._concurrency)

    async def _work(self, requests: Sequence[Request], key: Key, outlet: Replies) -> None:
        pending = iter(enumerate(requests))
        one_at_a_time = asyncio.Lock()
        problem: Exception | None = None

        async def worker(client: openai.AsyncOpenAI) -> None:
            for index, request in pending:
                await outlet.place()
                if request.kind == "score":
                    async with one_at_a_time:
                        await self._check_scores(client, key, outlet)
                made = await self._reply(request, client, key, outlet)
                self._heard(made)
                if self._trust <= 0:
                    async with one_at_a_time:
                        await self._doubt(request, made, client, key, outlet)
                outlet.put((index, made))

        async def guarded(client: openai.AsyncOpenAI) -> None:
            nonlocal problem
            try:
                await worker(client)
            except Exception as error:
                problem = problem or error
                outlet.stop()

        # Retries and timeouts are ours.
        client = openai.AsyncOpenAI(
            base_url=self._where,
            api_key=key.reveal(),
            max_retries=0,
            timeout=openai.Timeout(None, connect=_CONNECT),
        )
        async with client:
            workers = [asyncio.create_task(guarded(client)) for _ in range(min(self._concurrency, len(requests)))]
            telling = asyncio.create_task(self._patience.tell(outlet.stopping, workers))
            try:
                await asyncio.wait(workers)
            finally:
                for task in (*workers, telling):
                    task.cancel()
                await asyncio.wait(workers)
        if isinstance(problem, BenchmarkError):
            raise type(problem)(f"endpoint {self._where}: {problem}")
        if problem is not None:
            raise problem

    def _heard(self, made: Reply) -> None:
        failed = made.status == "failed"
        self._answered |= not failed
        self._trust = self._trust - 1 if failed else _TRUST

    async def _doubt(self, failed: Request, made: Reply, client: openai.AsyncOpenAI, key: Key, outlet: Replies) -> None:
        """Raises `EndpointError` if a plain request fails as well, and nothing else was answered meanwhile."""
        if self._trust > 0 or outlet.stopping.is_set():
            return
        answered = await self._reply(_plain(failed), client, key, outlet)
        self._heard(answered)
        if self._trust <= 0:
            raise EndpointError(f"{made.detail}; nor is a plain request answered")

    async def _check_scores(self, client: openai.AsyncOpenAI, key: Key, outlet: Replies) -> None:
        """Raises `ConfigurationError` where scores are not of the tokens they are said to be; asked until it is known.

        What it takes is not counted, as that of a plain request in doubt.
        """
        if self._scores_checked:
            return
        made = await self._reply(_REPEATED, client, key, outlet)
        if made.log_probabilities is None:
            return
        total, tokens = made.log_probabilities
        if total / max(tokens, 1) < _LEAST:
            raise ConfigurationError(_MISPLACED.format(mean=total / tokens))
        self._scores_checked = True

    async def _reply(self, request: Request, client: openai.AsyncOpenAI, key: Key, outlet: Replies) -> Reply:
        watch = _Watch()
        try:
            answer = await self._ask(request, client, key, watch, outlet)
        except Filtered as stopped:
            return Reply("refused", detail=str(stopped), seconds=watch.seconds)
        except Wrong as wrong:
            return Reply("failed", detail=wrong.detail, seconds=watch.seconds)
        except Unanswered as waited:
            plain = _plain(request)
            post = partial(self._post, plain, client, self._dialect.limit, self._dialect.asked(plain), watch)
            if not await self._patience.once(post, key):
                raise
            self._trust = _TRUST
            return Reply("failed", detail=str(waited), seconds=watch.seconds)
        try:
            made = reply(request, answer)
        except Wrong as wrong:  # paid for all the same
            made = Reply("failed", detail=wrong.detail)
        counted = answer.counted
        read, written = counted or (guess(request.system + request.shared + request.own), guess(answer.written))
        return replace(
            made,
            text=key.hide(made.text),
            prompt_tokens=read,
            completion_tokens=written,
            seconds=watch.seconds,
            cost=read * self._prices[0] + written * self._prices[1],
            detail=made.detail if counted else f"{made.detail} tokens guessed".strip(),
            served=key.hide(answer.served(self._model.name)),
        )

    async def _post(
        self, request: Request, client: openai.AsyncOpenAI, limit: str, asked: int, watch: _Watch
    ) -> object:
        """What the service sends back; `limit` and `asked` as for `bodies.body`."""
        sent = body(request, self._model.name, limit, asked, self._model.temperature, self._model.seed)
        with watch:
            told = with_extra(sent, self._model.extra)
            return checked(await client.post(path(request), body=told, cast_to=object))

    async def _ask(
        self, request: Request, client: openai.AsyncOpenAI, key: Key, watch: _Watch, outlet: Replies
    ) -> Answer:
        """The service's answer, asked in simpler terms where it does not understand."""
        length = guess(request.system + request.shared + request.own) + request.max_tokens
        asked = self._dialect.asked(request)
        while True:
            limit = self._dialect.limit  # another request may change it while this one is under way
            post = partial(self._post, request, client, limit, asked, watch)
            try:
                answer = parse(await self._patience.ask(post, key, length, outlet.idle))
            except Wrong as refusal:
                if request.kind == "score" and refusal.request and re.search("echo|logprobs", refusal.detail):
                    raise ConfigurationError(CANNOT_SCORE) from None
                if not self._answered and refusal.request and "temperature" in refusal.detail.casefold():
                    raise ConfigurationError(f"{refusal.detail}; {_NO_TEMPERATURE}") from None
                simpler = self._dialect.simpler(request, asked, limit, refusal) if refusal.request else None
                if simpler is None:
                    raise
                asked = simpler
            else:
                self._dialect.learn(request, asked, given=bool(alternatives(answer)))
                return answer


class _Watch:
    """Seconds that the service was busy with a request, in all tries; waiting between them is not counted."""

    def __init__(self) -> None:
        self.seconds = self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._started


def _plain(request: Request) -> Request:
    """A short request in the same terms."""
    return replace(request, shared=_PLAIN, own=request.own[: request.lead] + _PLAIN)
