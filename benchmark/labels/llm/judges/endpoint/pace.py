"""No more requests and tokens a minute than a service allows."""

from __future__ import annotations

import asyncio


class Pace:
    """Turns spaced evenly: a turn of n tokens takes max(60 / requests a minute, 60 n / tokens a minute) seconds.

    So no minute sees more of either than was allowed, one turn aside. Turns are kept across calls and event loops
    (the clock of a loop is that of the machine).
    """

    def __init__(self, requests_per_minute: float | None, tokens_per_minute: float | None) -> None:
        self._request = 60 / requests_per_minute if requests_per_minute else 0.0
        self._token = 60 / tokens_per_minute if tokens_per_minute else 0.0
        self._next = 0.0
        self._closed = 0.0

    def close(self, seconds: float) -> None:
        """No turn for anyone before so many seconds are over."""
        self._closed = max(self._closed, asyncio.get_running_loop().time() + seconds)

    async def turn(self, tokens: int) -> None:
        """Wait for one's turn with a request of `tokens` tokens."""
        clock = asyncio.get_running_loop().time
        length = max(self._request, self._token * tokens)
        # A turn is taken when it has come, not before: whoever stops waiting leaves no gap, and nobody who was already
        # waiting slips through when the doors close.
        while (begin := max(self._next, self._closed)) > (now := clock()):
            await asyncio.sleep(begin - now)
        # Waking up late by less than a turn must not make the pace slower than allowed.
        self._next = (begin if now - begin < length else now) + length
