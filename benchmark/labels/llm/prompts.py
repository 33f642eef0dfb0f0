"""Prompts: the words around a document and a question, kept one per file in `prompts/` and named by their hash."""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.problems import first_problem

SLOT = "{question}"
Method = Literal["yes-no", "query-likelihood"]


class Prompt(BaseModel):
    """The text `before` + document + `after`, where `after` holds `{question}` once.

    The document is cut at `max_document_tokens`; the three parts are tokenised one by one, so the cut never moves what
    stands around it. Method `yes-no` compares the two `answers` as the next token; `query-likelihood` sums the
    log-probabilities of the question's own tokens, so its `after` ends with the question and it has no answers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+-v[0-9]+$")]
    version: Annotated[int, Field(ge=1)]
    method: Method
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    before: str
    after: str
    answers: tuple[str, ...] = ()
    max_document_tokens: Annotated[int, Field(ge=1)] = 96

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if not self.name.endswith(f"-v{self.version}"):
            raise ValueError(f"name {self.name} does not end with -v{self.version}, its version")
        if self.after.count(SLOT) != 1:
            raise ValueError(f"`after` must hold {SLOT} exactly once")
        if self.method == "yes-no" and len(set(self.answers)) != 2:
            raise ValueError("method yes-no needs two different answers")
        if self.method == "query-likelihood" and (self.answers or not self.after.endswith(SLOT)):
            raise ValueError(f"method query-likelihood needs `after` to end with {SLOT} and no answers")
        return self

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical content: every field, as JSON with sorted keys and no spaces, in UTF-8."""
        canonical = json.dumps(self.model_dump(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def lead(self) -> str:
        """What stands between the document and the question, without the space that the question's first token eats."""
        return self.after.split(SLOT)[0].rstrip(" ")

    def ask(self, question: str) -> str:
        """`after` with the question in it; braces in the question mean nothing."""
        return self.after.replace(SLOT, question)


def prompt_names() -> list[str]:
    """Names of the prompts that come with the benchmark."""
    folder = files("benchmark.labels.llm") / "prompts"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_prompt(name: str) -> Prompt:
    """The prompt of that name; raises `ConfigurationError` for an unknown name, `DataError` for a damaged file."""
    known = prompt_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        raise ConfigurationError(f"no prompt is named {name!r}; {hint}")
    where = files("benchmark.labels.llm") / "prompts" / f"{name}.toml"
    try:
        prompt = Prompt.model_validate(tomllib.loads(where.read_text(encoding="utf-8")))
    except (ValidationError, ValueError) as error:
        raise DataError(f"{where}: {first_problem(error)}; correct the prompt") from error
    if prompt.name != name:
        raise DataError(f"{where}: holds the prompt {prompt.name}; rename the file or the prompt")
    return prompt
