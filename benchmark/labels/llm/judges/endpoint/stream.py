"""Asynchronous work seen from outside as a plain iterator."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
_END = object()


class Outlet(Generic[T]):
    """Where the work puts its results. At most `room` may be under way or lie there before they are dealt with."""

    def __init__(self, room: int) -> None:
        self.loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(room)
        self._idle: set[asyncio.Task[object]] = set()
        self.stopping = asyncio.Event()
        self.ready: SimpleQueue[T | BaseException | object] = SimpleQueue()

    @contextlib.contextmanager
    def idle(self) -> Iterator[None]:
        """Around what a task waits for while nothing of its is under way: where it stops (is cancelled) when all do."""
        task = asyncio.current_task()
        assert task is not None
        if self.stopping.is_set():
            raise asyncio.CancelledError
        self._idle.add(task)
        try:
            yield
        finally:
            self._idle.discard(task)

    async def place(self) -> None:
        """Wait for a place; it is free again when one result was dealt with. Whoever takes no more stops the work."""
        with self.idle():
            await self._room.acquire()

    def put(self, result: T) -> None:
        """Hand out a result."""
        self.ready.put(result)

    def stop(self) -> None:
        """Begin nothing more; what is under way comes out."""
        self.stopping.set()
        for task in self._idle:
            task.cancel()

    def free(self) -> None:
        """A place."""
        self._room.release()


class Stream(Iterator[T]):
    """What `work` puts out, as it comes, from an event loop in a thread of its own; what it raises comes last.

    A result was dealt with when the next one is asked for. Whichever way the iteration ends (exhausted, closed,
    interrupted), the work is cancelled and the thread gone.
    """

    def __init__(self, work: Callable[[Outlet[T]], Awaitable[None]], room: int) -> None:
        self._state: _State[T] = _State()
        self._results = _results(work, room, self._state)

    def __next__(self) -> T:
        return next(self._results)

    def stop(self) -> None:
        """Begin nothing more; what is under way comes out yet, and then the iteration ends."""
        self._state.stopped = True
        if self._state.outlet is not None:
            _call(self._state.outlet, self._state.outlet.stop)

    def close(self) -> None:
        """Cancel what is under way; nothing more comes out."""
        self._results.close()


@dataclass
class _State(Generic[T]):
    """Of a stream: where its results come from, once that is known, and whether it was stopped."""

    outlet: Outlet[T] | None = None
    stopped: bool = False


def _results(work: Callable[[Outlet[T]], Awaitable[None]], room: int, state: _State[T]) -> Generator[T, None, None]:
    """See `Stream`."""
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
        state.outlet = outlet
        if state.stopped:  # before it was known
            _call(outlet, outlet.stop)
        while (result := outlet.ready.get()) is not _END:
            if isinstance(result, BaseException):
                raise result
            yield result  # type: ignore[misc]  # the queue also carries errors and the end, which are dealt with above
            _call(outlet, outlet.free)
    finally:
        if outlet is None:  # interrupted just then
            outlet, cancel = begun.get()
        _call(outlet, cancel)
        thread.join()


def _call(outlet: Outlet[T], function: Callable[[], object]) -> None:
    """From outside the loop; nothing where that is closed: nobody waits there any more."""
    with contextlib.suppress(RuntimeError):
        outlet.loop.call_soon_threadsafe(function)
