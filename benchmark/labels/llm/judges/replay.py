"""Judges that ask nobody: replies that were stored, judgments that were shipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmark.errors import DataError
from benchmark.labels.llm.judges.endpoint.bodies import guess
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.methods.method import Judgment, Method, RankedList, Scale, Steps


class NeverAsked(DataError):
    """What is to be replayed was never asked; `request` of a judge, for whoever knows the list that it is of."""

    def __init__(self, message: str, request: Request | None = None) -> None:
        super().__init__(message)
        self.request = request


@dataclass(frozen=True)
class ReplayJudge:
    """Answers each request with what `find` gives for it; satisfies `Judge`.

    `model` is the one that was asked, so stored replies are found under its identity. Raises `NeverAsked`, one line
    with the `method` and, as `name_list` tells it, the list of the first request without a reply, before any is given.
    """

    model: Model
    find: Callable[[Request], Reply | None]
    method: str = "replay"
    name_list: Callable[[Request], str] = field(default=lambda request: repr(request.own[:40]), repr=False)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """See `Judge`; in the order of the requests."""
        found: list[Reply] = []
        for request in requests:
            reply = self.find(request)
            if reply is None:
                raise NeverAsked(_never(self.method, self.name_list(request), f"of {self.model.name}"), request)
            found.append(reply)
        return iter(enumerate(found))

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """A guess, as behind an endpoint."""
        return [guess(text) for text in texts]


@dataclass(frozen=True, repr=False)
class ReplayMethod:
    """A method whose judgments were shipped: gives those of a list without asking anything; satisfies `Method`.

    A list that has some judgments gives those of its documents (a document without one was never shown); of a list
    without any, `steps` raises `NeverAsked`, one line. `judgments` keep their order.
    """

    replayed: Method
    judgments: Iterable[Judgment]
    _by_qid: dict[str, list[Judgment]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for judgment in self.judgments:
            self._by_qid.setdefault(judgment.qid, []).append(judgment)

    @property
    def name(self) -> str:
        """Of the method that was replayed, as are the next three."""
        return self.replayed.name

    @property
    def scale(self) -> Scale:
        """See `Method`."""
        return self.replayed.scale

    @property
    def prompts(self) -> Mapping[str, str]:
        """See `Method`."""
        return self.replayed.prompts

    @property
    def settings(self) -> Mapping[str, str | int | float | bool]:
        """See `Method`."""
        return self.replayed.settings

    def steps(self, ranked: RankedList) -> Steps:
        """No request; the judgments of the list."""
        shown = set(ranked.docnos)
        held = [one for one in self._by_qid.get(ranked.qid, ()) if one.docno in shown]
        if not held:
            raise NeverAsked(_never(self.name, ranked.qid, "in the shipped judgments"))
        return held
        yield ()  # a generator, though it asks for nothing


def _never(method: str, name: str, where: str) -> str:
    return f"{method}: list {name} was never asked {where}; ask it first: click-or-llm annotate, with a judge"
