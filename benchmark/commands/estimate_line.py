"""What a round of annotation would take, in one line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from benchmark.labels.llm.judges.replay import ReplayJudge

if TYPE_CHECKING:
    from benchmark.labels.llm.judges.judge import Judge
    from benchmark.labels.llm.judges.open import Service
    from benchmark.labels.llm.runner.estimate import Estimate


def estimate_line(estimated: Estimate, judge: Judge, service: Service) -> str:
    """Lists, requests, tokens, time and, of a service, cost."""
    lists = f"{judge.model.name}: {estimated.lists:,} lists of {estimated.documents:,} documents"
    if isinstance(judge, ReplayJudge):
        return f"{lists}; {estimated.requests + estimated.stored:,} replies, nothing is asked"
    told = (
        lists,
        f"{estimated.requests:,} requests to ask, {estimated.stored:,} in the store",
        _tokens(estimated, counted=estimated.exact and not judge.model.served_by),
        f"time {_service_time(estimated, service) if judge.model.served_by else _local_time(estimated)}",
        *_cost(estimated, service, served=bool(judge.model.served_by)),
    )
    return "; ".join(told)


def _tokens(estimated: Estimate, *, counted: bool) -> str:
    """`counted`: by the model's own tokeniser; those of a service are guessed."""
    prompts = f"{'' if counted else 'about '}{estimated.prompt_tokens:,} tokens of prompts"
    return f"{prompts}, {'at most' if estimated.exact else 'about'} {estimated.completion_tokens:,} of answers"


def _local_time(estimated: Estimate) -> str:
    seconds = estimated.seconds
    return "unknown" if seconds is None else f"{timedelta(seconds=round(seconds))} of the judge's time"


def _service_time(estimated: Estimate, service: Service) -> str:
    """At least what the slowest of these takes: answering, so many at a time; the pace in requests, and in tokens."""
    limits = (
        (estimated.seconds, service.concurrency),
        (60.0 * estimated.requests, service.requests_per_minute),
        (60.0 * (estimated.prompt_tokens + estimated.completion_tokens), service.tokens_per_minute),
    )
    known = [whole / by for whole, by in limits if whole is not None and by is not None]
    least = timedelta(seconds=round(max(known, default=0.0)))
    if estimated.seconds is not None:
        return f"about {least} with {service.concurrency} requests at a time"
    paced = f", {least} or more at this pace" if least else ""
    return f"unknown before something was asked{paced}: a run of a few lists (--budget) tells"


def _cost(estimated: Estimate, service: Service, *, served: bool) -> tuple[str, ...]:
    if service.price_in or service.price_out:
        return (f"cost about {estimated.cost(service.price_in, service.price_out):.2f}",)
    return ("cost unknown: no prices given",) if served else ()
