"""Which model answers, and how: together with a request, all that a reply depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

UNKNOWN = "a processor that was not recorded"
ANSWERED = "answered by"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Model(BaseModel):
    """A model and its decoding; never a key, never a password.

    On this machine: `file_sha256` of its weights, their `quantisation`, the `dtype` of the arithmetic. Behind an
    endpoint: `served_by` (scheme, host and path, nothing else, or the name that the user gave to it), and `extra`, what
    is sent with each request besides the protocol's own (see `EndpointJudge`). `versions`, `device` and `processor`
    (see `processor_of`) are told, but are no part of the identity: a reply is not asked for again because a library was
    updated or a folder of replies was carried to another machine. Among `versions` is what a service said that it
    `answered by` (see `Reply.served`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1)]
    file_sha256: Sha256 | None = None
    quantisation: str = ""
    dtype: Literal["bfloat16", "float32", ""] = ""
    served_by: str = ""
    temperature: Annotated[float, Field(ge=0)] = 0.0
    seed: int | None = None
    extra: dict[str, JsonValue] = {}
    device: str = ""
    processor: str = ""
    versions: dict[str, str] = {}

    @property
    def identity(self) -> str:
        """SHA-256 of what a reply depends on: every field but `device`, `processor` and `versions`."""
        told = self.model_dump(exclude={"device", "processor", "versions"} | (set() if self.extra else {"extra"}))
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def after(self, before: Model) -> Model:
        """The model, with all devices, processors and libraries that it ran on, `before` and now."""
        versions = {name: _listed(before.versions.get(name, ""), version) for name, version in self.versions.items()}
        unknown = UNKNOWN if before.device and self.processor else ""
        return self.model_copy(
            update={
                "device": _listed(before.device, self.device),
                "processor": _listed(before.processor or unknown, self.processor),
                "versions": before.versions | versions,
            }
        )

    def answered_by(self, names: Iterable[str]) -> Model:
        """The model, with the names that a service gave to what answered, and those that it gave before."""
        told = _listed(self.versions.get(ANSWERED, ""), "; ".join(sorted(names)))
        return self.model_copy(update={"versions": self.versions | {ANSWERED: told}}) if told else self


def _listed(before: str, now: str) -> str:
    return "; ".join(dict.fromkeys(one for one in [*before.split("; "), *now.split("; ")] if one))
