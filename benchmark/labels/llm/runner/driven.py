"""The requests that a method makes about a list, while somebody answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.methods.method import Method, RankedList


def driven(
    method: Method, ranked: RankedList, answer: Callable[[Request], Reply | None]
) -> Iterator[Sequence[Request]]:
    """Step by step the requests about one list; ends with the first of which `answer` has no reply to all."""
    steps = method.steps(ranked)
    try:
        requests = next(steps)
        while True:
            yield requests
            replies = [answer(request) for request in requests]
            given = [reply for reply in replies if reply is not None]
            if len(given) < len(replies):
                return
            requests = steps.send(given)
    except StopIteration:
        return
