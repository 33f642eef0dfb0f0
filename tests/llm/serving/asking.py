"""A judge behind the small server, impatient, and what it makes of what the server says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from serving.protocol_server import ProtocolServer, Said, answering

from benchmark.labels.llm.judges.endpoint import EndpointJudge
from benchmark.labels.llm.judges.judge import Reply, Request


def judge(server: ProtocolServer, **more: Any) -> EndpointJudge:
    told: dict[str, Any] = {"concurrency": 1, "retries": 2, "first_wait": 0.01, "away": 0.4, "timeout": 5.0}
    return EndpointJudge(server.base_url, "m", **(told | {"say": lambda line: None} | more))


def ask(
    say: Callable[[dict[str, Any], int], Said], *requests: Request, **more: Any
) -> tuple[list[Reply], ProtocolServer]:
    with answering(say) as server:
        found = dict(judge(server, **more).answer(requests))
    assert sorted(found) == list(range(len(requests)))
    return [found[index] for index in range(len(requests))], server


def always(*said: Said) -> Callable[[dict[str, Any], int], Said]:
    return lambda body, number: said[min(number, len(said) - 1)]
