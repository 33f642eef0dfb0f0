"""Asynchronous work seen from outside as a plain iterator."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
_END = object()


class Outlet(Generic[T]):
    """Where the work puts its results. At most `room` may be under way or lie there untaken."""

    def __init__(self, room: int) -> None:
        self.loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(room)
        self.ready: SimpleQueue[T | BaseException | object] = SimpleQueue()

    async def place(self) -> None:
        """Wait for a place; it is free again when one result was taken. Whoever stops taking stops the work."""
        await self._room.acquire()

    def put(self, result: T) -> None:
        """Hand out a result."""
        self.ready.put(result)

    def taken(self) -> None:
        """Called from outside the loop."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing waits for a place any more
            self.loop.call_soon_threadsafe(self._room.release)


def stream(work: Callable[[Outlet[T]], Awaitable[None]], room: int) -> Iterator[T]:
    """What `work` puts out, as it comes, from an event loop in a thread of its own; what it raises comes last.

    Whichever way the iteration ends (exhausted, closed, interrupted), the work is cancelled and the thread gone.
    """
    begun: SimpleQueue[tuple[Outlet[T], Callable[[], object]]] = SimpleQueue()

    async def main() -> None:
        mine: Outlet[T] = Outlet(room)
        task = asyncio.current_task()
        assert task is not None
        begun.put((mine, task.cancel))
        end: object = _END
        try:
            await work(mine)
        except BaseException as error:
            end = error
        mine.ready.put(end)

    thread = threading.Thread(target=lambda: asyncio.run(main()), name="endpoint", daemon=True)
    thread.start()
    outlet: Outlet[T] | None = None
    try:
        outlet, cancel = begun.get()
        while (result := outlet.ready.get()) is not _END:
            if isinstance(result, BaseException):
                raise result
            outlet.taken()
            yield result  # type: ignore[misc]  # the queue also carries errors and the end, which are dealt with above
    finally:
        if outlet is None:  # interrupted just then
            outlet, cancel = begun.get()
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            outlet.loop.call_soon_threadsafe(cancel)
        thread.join()
