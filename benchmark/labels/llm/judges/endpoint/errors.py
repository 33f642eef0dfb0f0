"""What can go wrong with a request: ask again, give it up, or stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.errors import BenchmarkError


class EndpointError(BenchmarkError):
    """The service is not there, does not let us in, or does not speak the protocol: the run stops."""


class Unanswered(EndpointError):
    """A request was asked as often and waited for as long as allowed, and nothing else was answered meanwhile."""


@dataclass(eq=False)
class Again(Exception):
    """Ask again, after `after` seconds if the service says so.

    `heard`: the service itself said so; `away`: nobody is there; `connected`: but somebody took the connection; `busy`:
    all are to wait.
    """

    detail: str
    after: float | None = None
    heard: bool = False
    away: bool = False
    busy: bool = False
    connected: bool = True


@dataclass(eq=False)
class Wrong(Exception):
    """This request cannot be answered; `request`: the service finds fault with what was asked."""

    detail: str
    request: bool = False


class Filtered(Exception):
    """The service's own filter."""


@dataclass(eq=False)
class Inside(Exception):
    """An error, as the service words it, where an answer should be: the status was 200."""

    error: Mapping[str, object]
