"""What an annotation would take, before anything is asked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from benchmark.labels.llm.judges.judge import Judge, Reply, Request
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.replies.address import address
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.drive import driven


@dataclass(frozen=True)
class Estimate:
    """`requests` to be asked, and `stored` ones that are there already, about `lists` lists of `documents` in all.

    `prompt_tokens` as the judge counts them, without its chat template and with what requests share counted each time,
    which is how endpoints charge and take their time; `read_tokens` with it counted once for a judge on this machine,
    which is how that reads. `completion_tokens` at most. `seconds_per_token`: the judge's seconds by its `read_tokens`
    in the replies that the store has of these lists and of `known` ones; None where it has none. `exact`: whether
    nothing that is asked depends on what will be answered; else the numbers are about right, and no bounds.
    """

    lists: int
    documents: int
    requests: int
    stored: int
    prompt_tokens: int
    read_tokens: int
    completion_tokens: int
    seconds_per_token: float | None
    exact: bool

    @property
    def seconds(self) -> float | None:
        """Seconds of the judge; what is asked side by side overlaps."""
        return None if self.seconds_per_token is None else self.seconds_per_token * self.read_tokens

    def cost(self, price_in: float, price_out: float) -> float:
        """At prices for 10^6 tokens of prompts and of answers: no bound where a judge guesses its tokens."""
        return (self.prompt_tokens * price_in + self.completion_tokens * price_out) / 1e6


def estimate(
    lists: Iterable[RankedList],
    method: Method,
    judge: Judge,
    store: ReplyStore,
    known: Iterable[RankedList] = (),
    failed: Mapping[str, Reply] | None = None,
) -> Estimate:
    """Drive the method over the lists with stored replies, and made-up ones where there is none; see `Estimate`.

    `failed`: replies that failed in this run, by address; they are not asked for again, nor are they in the store.

    Raises `ConfigurationError` for what the judge cannot be asked.
    """
    key = cache(partial(address, judge.model.identity))
    missing: dict[str, Request] = {}
    stored: dict[str, tuple[Request, Reply]] = {}
    count = documents = 0
    exact = True

    def replied(request: Request) -> Reply | None:
        if (reply := store.final(key(request))) is not None:
            stored[key(request)] = request, reply
        return reply or (failed or {}).get(key(request))

    def replied_or_made_up(request: Request, shown: int) -> Reply:
        reply = replied(request)
        if reply is None:
            missing[key(request)] = request
        return reply or _made_up(request, shown)

    for ranked in lists:
        count, documents, before = count + 1, documents + len(ranked.docnos), len(missing)
        shown = min(len(ranked.docnos), int(method.settings.get("window", len(ranked.docnos))))
        for step, _ in enumerate(driven(method, ranked, partial(replied_or_made_up, shown=shown))):
            exact &= not step or len(missing) == before  # a step that follows a made-up reply is a guess
    there = len(stored)
    for ranked in known:
        for _ in driven(method, ranked, replied):
            pass
    judge.check(missing.values())
    return Estimate(
        lists=count,
        documents=documents,
        requests=len(missing),
        stored=there,
        prompt_tokens=_charged(judge, missing.values()),
        read_tokens=_read(judge, missing.values()),
        completion_tokens=sum(request.max_tokens if request.kind == "write" else 1 for request in missing.values()),
        seconds_per_token=_rate(judge, list(stored.values())),
        exact=exact,
    )


def _charged(judge: Judge, requests: Iterable[Request]) -> int:
    """Tokens of each request as if it were alone."""
    return sum(judge.tokens([request.system + request.shared + request.own for request in requests]))


def _read(judge: Judge, requests: Iterable[Request]) -> int:
    """Tokens of what the requests begin with, each beginning once, and the rest of each; all of it for a service."""
    if judge.model.served_by:
        return _charged(judge, requests)
    asked = list(requests)
    beginnings = dict.fromkeys(request.system + request.shared for request in asked)
    return sum(judge.tokens(list(beginnings))) + sum(judge.tokens([request.own for request in asked]))


def _rate(judge: Judge, known: list[tuple[Request, Reply]]) -> float | None:
    tokens = _read(judge, [request for request, _ in known])
    return sum(reply.seconds for _, reply in known) / tokens if tokens else None


def _made_up(request: Request, shown: int) -> Reply:
    """What is written are all identifiers: that is where a method asks most of what follows."""
    if request.kind == "score":
        return Reply("ok", log_probabilities=(-1.0, 1.0))
    if request.kind == "choose":
        even = -math.log(len(request.answers))
        return Reply("ok", request.answers[0], (even,) * len(request.answers))
    return Reply("ok", " ".join(map(str, range(1, shown + 1))))
