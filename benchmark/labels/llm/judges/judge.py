"""What passes between an annotation method and a judge: requests one way, replies the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from benchmark.labels.llm.judges.model import Model

Kind = Literal["choose", "write", "score"]
ReplyStatus = Literal["ok", "refused", "truncated", "failed"]


@dataclass(frozen=True)
class Request:
    """One question to a judge: a turn of a chat, or running text, in two parts.

    The prompt is `shared` + `own`; requests with an equal `shared` may be read together. As a chat (`chat`) it is one
    user turn after the `system` turn, if there is one, in the model's own template; otherwise the text as it stands.

    - `choose`: log P of each of `answers` as what comes next; each should be one token of the model.
    - `write`: the text that the model writes, greedily, at most `max_tokens` tokens.
    - `score`: the log-likelihood of `own` after `shared`, its first `lead` characters read but not counted.

    `cut` = (start, tokens), of running text only: `shared` from the character `start` on is made into tokens by itself
    and cut at that many of the model's tokens. A judge that does not know its tokens cannot answer such a request.
    """

    kind: Kind
    shared: str
    own: str
    answers: tuple[str, ...] = ()
    max_tokens: int = 1
    lead: int = 0
    system: str = ""
    chat: bool = True
    cut: tuple[int, int] | None = None


@dataclass(frozen=True)
class Reply:
    """What a judge gave back.

    `text`: what was written, of `choose` the likeliest answer; `log_probabilities`: of `choose`, one for each answer
    (None where the judge cannot tell); of `score`, (sum over the tokens, their number). `status`: `refused` by the
    service's own filter, `truncated` at `max_tokens`, `failed` for good; `detail` says why. `cost` is in the currency
    of the endpoint's prices, 0 on this machine. `served`: what a service calls the model that answered, where that is
    not the name that it was asked by: behind one name there may be another model every month.
    """

    status: ReplyStatus
    text: str = ""
    log_probabilities: tuple[float, ...] | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    detail: str = ""
    served: str = ""


@runtime_checkable
class Stoppable(Protocol):
    """Replies of a judge that has many requests under way at a time, which may have to be paid for."""

    def stop(self) -> None:
        """Begin no further request; the replies of those that are under way come yet. Any number of times."""
        ...


class Judge(Protocol):
    """Answers requests; a class with these members is a judge, it need not derive from this one."""

    @property
    def model(self) -> Model:
        """What the answers depend on besides the requests."""
        ...

    def check(self, requests: Iterable[Request]) -> None:
        """Raises `ConfigurationError`, one line, for a request that it can never answer; nothing is asked."""
        ...

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """The index and the reply of each request, each once, in the order in which they are ready.

        Whoever wants no more closes the iterator, if it can be; one that is `Stoppable` is stopped first, and taken to
        its end. A plain generator need not care.
        """
        ...

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, for estimates; exact on this machine, a guess behind an endpoint."""
        ...
