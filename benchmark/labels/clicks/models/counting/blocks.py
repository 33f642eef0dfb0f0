"""Reading a log on all cores: the blocks of it are worked on side by side, and their results come in its order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


def cores() -> int:
    """How many cores this process may use, at most 8: beyond that memory is what it waits for."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, 8)


def in_order(work: Callable[[In], Out], items: Iterable[In]) -> Iterator[Out]:
    """`work` of each item, in order; numpy lets go of the interpreter, so threads are enough.

    At most one item more than there are cores is under way, so memory stays flat; a single item needs no thread.
    """
    source = iter(items)
    first = next(source, _NOTHING)
    if first is _NOTHING:
        return
    second = next(source, _NOTHING)
    count = cores()
    if second is _NOTHING or count == 1:
        yield work(first)  # type: ignore[arg-type]
        if second is not _NOTHING:
            yield work(second)  # type: ignore[arg-type]
            yield from map(work, source)
        return
    with ThreadPoolExecutor(count) as pool:
        pending: deque[Future[Out]] = deque([pool.submit(work, first), pool.submit(work, second)])  # type: ignore[arg-type]
        for item in source:
            pending.append(pool.submit(work, item))
            if len(pending) > count:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


_NOTHING = object()
