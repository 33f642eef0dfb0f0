"""The requests that a method makes about a list, while somebody answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.methods.method import Method, RankedList

Answer = Callable[[Request], Reply | None]


def answered(method: Method, ranked: RankedList, answer: Answer) -> bool:
    """Whether `answer` has a reply to every request about the list."""
    return all(answer(request) is not None for requests in driven(method, ranked, answer) for request in requests)


def driven(method: Method, ranked: RankedList, answer: Answer) -> Iterator[Sequence[Request]]:
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
