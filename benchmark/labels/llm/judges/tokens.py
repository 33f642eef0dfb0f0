"""From requests to tokens, part by part, so that no token runs across a cut between two parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Request
from benchmark.labels.llm.judges.packing import Tokens
from benchmark.labels.llm.judges.template import around


@dataclass(frozen=True)
class Prompt:
    """Tokens of a request: `shared` with what stands before it, and `own` with what stands after it.

    Of `own` the first `lead` tokens are not counted in a score, which cannot be told where a token `runs_across` there.
    """

    shared: Tokens
    own: Tokens
    lead: int = 0
    runs_across: bool = False

    def __len__(self) -> int:
        return len(self.shared) + len(self.own)


class Tokeniser:
    """A model's tokeniser and chat template."""

    def __init__(self, tokenizer: Any, name: str) -> None:
        self.tokenizer = tokenizer
        self._name = name
        self._around = cache(self._template)

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text and none around it."""
        ids = iter(self.tokenizer([text for text in texts if text] or ["."], add_special_tokens=False)["input_ids"])
        return [tuple(next(ids)) if text else () for text in texts]

    def prompts(self, requests: Sequence[Request]) -> list[Prompt]:
        """The tokens of each request; equal texts are made into tokens once."""
        texts: dict[str, Tokens] = {}
        parts = [self._parts(request) for request in requests]
        wanted = list(dict.fromkeys(text for one in parts for text in one))
        texts.update(zip(wanted, self.encode(wanted), strict=True))
        return [
            self._prompt(request, *(texts[text] for text in one)) for request, one in zip(requests, parts, strict=True)
        ]

    @cache  # noqa: B019 - a judge lives as long as its tokeniser
    def answers(self, answers: tuple[str, ...]) -> list[int]:
        """The token of each answer; `ConfigurationError` names one that is no single token, or the same as another."""
        tokens: list[int] = []
        for answer, ids in zip(answers, self.encode(answers), strict=True):
            if len(ids) != 1 or ids[0] in tokens:
                is_what = f"is {len(ids)} tokens" if len(ids) != 1 else "is the same token as another answer"
                raise ConfigurationError(
                    f"answer {answer!r} {is_what} of {self._name}; use answers of one token each, or let it write"
                )
            tokens.append(ids[0])
        return tokens

    def _parts(self, request: Request) -> tuple[str, str, str, str]:
        """What is made into tokens by itself: before a cut, after it, `own`, and what of `own` is not counted."""
        head, tail = self._around(request.system) if request.chat else ("", "")
        if request.kind == "score":
            tail = ""
        start = len(request.shared) if request.cut is None else request.cut[0]
        return (
            head + request.shared[:start],
            request.shared[start:],
            request.own + tail,
            request.own[: request.lead].rstrip(" "),  # a following token takes the space
        )

    def _prompt(self, request: Request, before: Tokens, cut: Tokens, own: Tokens, lead: Tokens) -> Prompt:
        if request.cut is not None:
            cut = cut[: request.cut[1]]
        begin = () if request.chat else self._begin
        return Prompt(begin + before + cut, own, len(lead), runs_across=own[: len(lead)] != lead)

    def _template(self, system: str) -> tuple[str, str]:
        try:
            return around(self.tokenizer, system)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self._name}: {error}") from error

    @cached_property
    def _begin(self) -> Tokens:
        """What this tokeniser puts before any text, such as a mark of its beginning; a chat template has its own."""
        bare = self.encode(["."])[0]
        whole = tuple(self.tokenizer(["."])["input_ids"][0])
        starts = [start for start in range(len(whole)) if whole[start : start + len(bare)] == bare]
        return whole[: starts[0]] if starts else ()
