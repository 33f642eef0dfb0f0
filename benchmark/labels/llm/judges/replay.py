"""A judge that asks nobody: it gives the replies that a model once gave."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.endpoint.bodies import guess
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.replies.address import address
from benchmark.labels.llm.replies.store import MODELS, REPLIES, ReplyStore


@dataclass(frozen=True)
class ReplayJudge:
    """Answers each request as `model` did when it was asked; satisfies `Judge`.

    With it whoever has the `replies` (by address, none that failed: that is asked again, of the model itself) makes
    judgments of them, without the model; they cost nothing now. `where` says where they are kept. Raises `DataError`,
    one line, for the first request that has no reply, before any is given.
    """

    model: Model
    where: str
    replies: Mapping[str, Reply]

    def check(self, requests: Iterable[Request]) -> None:
        """See `Judge`; what was answered could be."""

    def reply(self, request: Request) -> Reply | None:
        """What the model answered, if it was asked this."""
        return self.replies.get(address(self.model.identity, request))

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """See `Judge`; in the order of the requests."""
        found: list[Reply] = []
        for request in requests:
            reply = self.reply(request)
            if reply is None:
                asked = repr(request.shared + request.own)
                raise DataError(
                    f"{self.where}: {self.model.name} never answered this: {asked:.200}; name the model itself "
                    "as the judge"
                )
            found.append(reply)
        return iter(enumerate(found))

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """A guess, as behind an endpoint."""
        return [guess(text) for text in texts]


def is_store(where: str) -> bool:
    """Whether a judge's name is a folder of replies."""
    return (Path(where) / REPLIES).is_file()


def replay_judge(folder: Path, name: str | None = None, dtype: str = "") -> ReplayJudge:
    """The one model that gave the replies in a folder, or the one called `name`; of several, that in `dtype`.

    A service's model is also called `name@address`, since one name may stand at several addresses, and where something
    was sent besides (`Model.extra`) that follows as JSON. Raises `ConfigurationError` where this leaves none, or more
    than one.
    """
    store = ReplyStore(folder)
    models = store.models()
    if not models and len(store):
        raise ConfigurationError(
            f"judge {folder}: no file in {MODELS} says which model gave its replies; ask that model again with "
            f"--store {folder}: what is stored is not asked again, and the file is written anew"
        )
    chosen = [model for model in models if name in (None, model.name, _at(model))]
    if len(chosen) > 1:
        chosen = [model for model in chosen if model.dtype == dtype]
    if len(chosen) != 1:
        told = ", ".join(f"{_at(model)} {model.dtype}".strip() for model in models) or "none"
        raise ConfigurationError(
            f"judge {folder}: replies of {told}; name one of them with --model, and of several dtypes with --dtype"
        )
    final = {key: reply for key in store.replies if (reply := store.final(key)) is not None}
    return ReplayJudge(chosen[0], str(folder), final)


def _at(model: Model) -> str:
    """The name, where a service has it, and what it was sent besides."""
    where = f"{model.name}@{model.served_by}" if model.served_by else model.name
    return f"{where} {json.dumps(model.extra, sort_keys=True)}" if model.extra else where
