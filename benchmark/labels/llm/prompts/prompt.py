"""What a prompt is, and how it becomes requests."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

from benchmark.labels.llm.judges.judge import Kind, Request
from benchmark.labels.llm.prompts.texts import first_characters, first_words, plain

SLOTS = (
    "question",
    "document",
    "passages",
    "demonstrations",
    "answer",
    "first",
    "second",
    "count",
    "number",
)
"""What may stand in braces in a template. Anything else in braces is a mistake; braces in the texts mean nothing."""
ITEM_SLOTS = ("question", "document", "grade", "number")
WITHOUT_SPACES = ("zh", "ja")  # languages cut by characters
_SLOT = re.compile(r"\{(\w*)\}")
_DOCUMENT = "{document}"


class Prompt(BaseModel):
    """`system`, then `shared` + `own`, two templates whose slots, such as `{question}`, are filled with texts.

    Requests with an equal `shared` can be read together, so what several have in common stands there. `answers` are
    what a `choose` request compares; `max_tokens` is how long a written answer may be. With `chat` the two parts are
    one user turn in the model's own template, else running text. A document is cut at `max_document_words` (in
    Chinese and Japanese: characters), which does not depend on a tokeniser. `item` is the template of one of several
    things that a slot takes together, such as a demonstration.

    Prompts of the first release say `before` and `after` for what surrounds the document, are no chat and cut at
    `max_document_tokens` of the model: `shared` is `before` + `{document}`, `own` is `after`, and the hash is still
    taken of the form that they were published in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+-v[0-9]+$")]
    version: Annotated[int, Field(ge=1)]
    method: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    system: str = ""
    shared: str
    own: str
    answers: tuple[str, ...] = ()
    chat: bool = True
    max_tokens: Annotated[int, Field(ge=1)] = 1
    item: str = ""
    max_document_words: Annotated[int, Field(ge=1)] | None = None
    max_document_tokens: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _first_form(cls, content: Any) -> Any:
        if not (isinstance(content, Mapping) and {"before", "after"} <= content.keys()):
            return content
        rest = {key: value for key, value in content.items() if key not in ("before", "after")}
        return {"shared": f"{content['before']}{_DOCUMENT}", "own": content["after"], "chat": False} | rest

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if not self.name.endswith(f"-v{self.version}"):
            raise ValueError(f"name {self.name} does not end with -v{self.version}, its version")
        for template, known in ((self.shared + self.own, SLOTS), (self.item, ITEM_SLOTS)):
            for slot in _SLOT.findall(template):
                if slot not in known:
                    near = difflib.get_close_matches(slot, known, n=1, cutoff=0)[0]
                    raise ValueError(f"has the slot {{{slot}}}, which no method fills; did you mean {{{near}}}?")
        if not self.slots:
            raise ValueError("has no slot, so it would ask the same of everything")
        if _SLOT.search(self.system):
            raise ValueError("`system` has a slot; slots stand in `shared` and `own`")
        if len(set(self.answers)) != len(self.answers) or len(self.answers) == 1 or "" in self.answers:
            raise ValueError("`answers` must be different from each other, at least two, none empty")
        if self.max_document_tokens is not None:
            self._is_first_form()
        return self

    def _is_first_form(self) -> None:
        if self.chat or self.system or self.item or self.max_tokens != 1 or self.max_document_words:
            raise ValueError("`max_document_tokens` is for running text only; cut at `max_document_words`")
        if _SLOT.findall(self.shared + self.own) != ["document", "question"] or not self.shared.endswith(_DOCUMENT):
            raise ValueError("`after` must hold {question} exactly once, after the document")

    @property
    def slots(self) -> frozenset[str]:
        """Names of the texts that it needs."""
        return frozenset(_SLOT.findall(self.shared + self.own))

    @model_serializer(mode="plain")
    def content(self) -> dict[str, Any]:
        """The prompt as published: the fields that differ from their defaults; of the first form, its own fields.

        So a field added later changes no published hash; for the same reason a default is never changed.
        """
        fields = type(self).model_fields
        told = {name: getattr(self, name) for name in fields if getattr(self, name) != fields[name].default}
        if self.max_document_tokens is None:
            return told
        rest = {name: value for name, value in told.items() if name not in ("shared", "own", "chat")}
        return rest | {"before": self.before, "after": self.own, "answers": self.answers}

    @property
    def sha256(self) -> str:
        """SHA-256 of the content as JSON with sorted keys and no spaces, in UTF-8."""
        canonical = json.dumps(self.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def before(self) -> str:
        """What stands in `shared` before the document."""
        return self.shared.split(_DOCUMENT)[0]

    @property
    def lead(self) -> str:
        """What stands in `own` before its first slot, without the space that the next text's first token eats."""
        return _SLOT.split(self.own)[0].rstrip(" ")

    def document(self, text: str, words: int | None = None) -> str:
        """A document of the collection as it goes into a slot: plain (see `plain`), and cut at `max_document_words`.

        `words` cuts elsewhere. A prompt that cuts at tokens takes it as it is: only the judge knows its tokens.
        """
        if self.max_document_tokens is not None:
            return text
        cut = first_characters if self.language in WITHOUT_SPACES else first_words
        limit = words or self.max_document_words
        return plain(text) if limit is None else cut(plain(text), limit)

    def question(self, text: str) -> str:
        """A question as it goes into a slot."""
        return text if self.max_document_tokens is not None else plain(text)

    def one(self, texts: Mapping[str, str]) -> str:
        """`item` with its slots filled."""
        return _fill(self.item, texts)

    def request(
        self,
        kind: Kind,
        texts: Mapping[str, str],
        *,
        answers: Sequence[str] | None = None,
        max_tokens: int | None = None,
    ) -> Request:
        """The prompt with each slot replaced by its text, as it is; raises `ValueError` unless all slots get one.

        Of `score`, the `lead` is read but not counted.
        """
        if texts.keys() != self.slots:
            raise ValueError(f"prompt {self.name} has slots {sorted(self.slots)}, was given {sorted(texts)}")
        return Request(
            kind=kind,
            shared=_fill(self.shared, texts),
            own=_fill(self.own, texts),
            answers=(self.answers if answers is None else tuple(answers)) if kind == "choose" else (),
            max_tokens=self.max_tokens if max_tokens is None else max_tokens,
            lead=len(self.lead) if kind == "score" else 0,
            system=self.system,
            chat=self.chat,
            cut=None if self.max_document_tokens is None else (len(self.before), self.max_document_tokens),
        )


def _fill(template: str, texts: Mapping[str, str]) -> str:
    """Each slot replaced in one pass, so that what a text holds in braces stays as it is."""
    return _SLOT.sub(lambda slot: texts[slot[1]], template)
