"""Asks again what was not answered: a little later each time, and not for ever."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager
from typing import TypeVar

from benchmark.labels.llm.judges.endpoint.address import Key
from benchmark.labels.llm.judges.endpoint.diagnosis import diagnosis
from benchmark.labels.llm.judges.endpoint.errors import Again, EndpointError, Filtered, Unanswered, Wrong
from benchmark.labels.llm.judges.endpoint.pace import Pace

T = TypeVar("T")
_LONGEST_WAIT = 30.0
_AWAY_WAIT = 2.0  # a server that is back is found again within this
_TOLD_EVERY = 30.0
_TOLD_AFTER = 1.0
_jitter = random.SystemRandom()


class Patience:
    """The waiting of all requests to one address together.

    After the k-th failed try (k from 0) a request waits min(30, first 2^k) seconds, times a random factor in
    [0.5, 1]; or as long as the service says, and up to a tenth longer; after 429 all requests wait with it. After
    `retries` more tries a request is given up (`Wrong`), or, if 429 was the last, everything is (`Unanswered`). No
    try is spent while a server is away (no connection, 502 or 503, and nobody is answered): all wait for it, `away`
    seconds at most, counted from the last sign of life, or `at_first` where that is less and nobody ever took a
    connection; nor by 429 as long as others are answered.
    """

    def __init__(
        self,
        where: str,
        pace: Pace,
        *,
        retries: int,
        first: float,
        timeout: float,
        away: float,
        at_first: float,
        say: Callable[[str], None],
    ) -> None:
        self._where, self._pace, self._say = where, pace, say
        self._retries, self._first, self._timeout, self._away = retries, first, timeout, away
        self._at_first, self._listens = min(at_first, away), False
        self._gone: float | None = None
        self._told: float | None = None
        self._answered = -math.inf

    async def ask(
        self,
        post: Callable[[], Awaitable[T]],
        key: Key,
        tokens: int,
        idle: Callable[[], AbstractContextManager[None]],
    ) -> T:
        """What `post` gives. Raises `Wrong` or `Filtered` (this request), or `EndpointError` (all of them).

        `Unanswered` may still be this request alone, if it is the only one: see `once`. All waiting but that for
        `post` is in `idle`.
        """
        clock = asyncio.get_running_loop().time
        tries = waits = 0
        since = clock()
        while True:
            with idle():
                await self._pace.turn(tokens)
            try:
                answer = await self._try(post, key)
            except Again as again:
                failure = again
                self._listens |= again.connected
            except Exception:
                self._alive(clock())
                raise
            else:
                self._alive(clock())
                self._answered = clock()
                return answer
            if failure.heard:
                self._alive(clock())
            with idle():
                others, since = self._answered > since, clock()
                if failure.away and not others:
                    self._nobody_there(failure, since)
                elif not (failure.busy and others):
                    tries += 1
                if tries > self._retries:
                    raise self._given_up(failure, tries)
                await asyncio.sleep(self._wait(failure, waits))
            waits += 1

    async def tell(self, stopping: asyncio.Event, workers: Collection[asyncio.Task[None]]) -> None:
        """What everybody waits for after the last request was begun, where it takes longer than one expects."""
        await stopping.wait()
        await asyncio.sleep(_TOLD_AFTER)
        left = sum(not worker.done() for worker in workers)
        self._say(
            f"endpoint {self._where}: asks nothing more; {left} replies are on their way, for {self._timeout:.0f} s at "
            "most, and may be paid for (a second Ctrl-C drops them)"
        )

    async def once(self, post: Callable[[], Awaitable[object]], key: Key) -> bool:
        """Whether `post` gives anything, asked a single time and at once."""
        try:
            await self._try(post, key)
        except (Again, Wrong, Filtered, EndpointError):
            return False
        return True

    async def _try(self, post: Callable[[], Awaitable[T]], key: Key) -> T:
        """What `post` gives in time; raises what its error means."""
        try:
            async with asyncio.timeout(self._timeout):
                return await post()
        except Exception as error:
            failure = diagnosis(error, key, self._timeout)
        # Outside the `except`: what is raised here has no context, whose headers hold the key.
        raise failure

    def _wait(self, failure: Again, waits: int) -> float:
        if failure.after is not None and failure.after > self._away:
            raise EndpointError(f"asks to wait {failure.after:.0f} s ({failure.detail}); try again then")
        longest = _AWAY_WAIT if failure.away else _LONGEST_WAIT
        wait = min(longest, self._first * 2.0 ** min(waits, 20)) * _jitter.uniform(0.5, 1)
        if failure.after:  # a service that says 0 is not to be asked without end at once
            wait = failure.after * _jitter.uniform(1, 1.1)
        if failure.busy:
            self._pace.close(wait)
        return wait

    def _given_up(self, failure: Again, tries: int) -> Exception:
        if failure.busy:
            return Unanswered(
                f"still limits the rate after {tries} tries ({failure.detail}); ask with less --concurrency "
                "or give --per-minute"
            )
        return Wrong(f"gave no answer in {tries} tries, at last: {failure.detail}")

    def _alive(self, now: float) -> None:
        self._listens = True
        if self._gone is not None and self._told is not None:
            self._say(f"endpoint {self._where}: is there again after {now - self._gone:.0f} s")
        self._gone = self._told = None

    def _nobody_there(self, failure: Again, now: float) -> None:
        self._gone = now if self._gone is None else self._gone
        longest = self._away if self._listens else self._at_first
        if now - self._gone >= longest:
            raise Unanswered(
                f"nobody there for {longest:.0f} s ({failure.detail}); start the server or check the base URL, "
                "then go on"
            )
        if self._told is None or now - self._told >= _TOLD_EVERY:
            self._told = now
            left = longest - (now - self._gone)
            self._say(f"endpoint {self._where}: nobody there ({failure.detail}); waiting, {left:.0f} s at most")
