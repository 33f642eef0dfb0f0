"""What a judge said behind judgments: the replies that they were made of, as they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.methods.pointwise import Pointwise
from benchmark.labels.llm.replies.address import address
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.drive import driven


@dataclass(frozen=True)
class RawReply:
    """A reply about the list of `qid`, what it answers, and in which step of the method, from 1.

    `docno`: the document that was asked about, of a pointwise method; empty where a request shows several.
    """

    qid: str
    docno: str
    step: int
    address: str
    request: Request
    reply: Reply


def raw_replies(lists: Iterable[RankedList], method: Method, model: Model, store: ReplyStore) -> Iterator[RawReply]:
    """The replies of `model` about each list, up to the first step of which the store does not hold all."""
    key = cache(partial(address, model.identity))

    def reply(request: Request) -> Reply | None:
        return store.replies.get(key(request))

    for ranked in lists:
        for step, requests in enumerate(driven(method, ranked, reply), 1):
            docnos = ranked.docnos if isinstance(method, Pointwise) else ("",) * len(requests)
            for docno, request in zip(docnos, requests, strict=True):
                if (given := reply(request)) is not None:
                    yield RawReply(ranked.qid, docno, step, key(request), request, given)
