"""Answers of the OpenAI protocol as replies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import accumulate

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.endpoint.errors import Inside, Wrong
from benchmark.labels.llm.judges.judge import Reply, Request

_ROUNDING = 5e-5
"""What probabilities may exceed a whole by; a judgments file holds no more."""
_NAME = 200
"""Characters of a model's name that are kept."""
CANNOT_SCORE = (
    "gives no log-probabilities of a prompt (`echo` with `logprobs`), so it cannot score; use another method, or a "
    "local model"
)


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Token(_Lenient):
    token: str
    logprob: float


class _Place(_Token):
    top_logprobs: list[_Token] = []


class _LogProbabilities(_Lenient):
    """`content` of chats, the rest of running text."""

    content: list[_Place] | None = None
    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    text_offset: list[int] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None


class _Message(_Lenient):
    content: str | None = None
    refusal: str | None = None

    @field_validator("content", mode="before")
    @classmethod
    def _whole(cls, content: object) -> object:
        """Of a content in parts the texts, one after the other."""
        if not isinstance(content, list):
            return content
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))


class _Choice(_Lenient):
    finish_reason: str | None = None
    message: _Message | None = None
    text: str | None = None
    logprobs: _LogProbabilities | None = None


class Usage(_Lenient):
    """Tokens as the service counted them; None where it says nothing."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Answer(_Lenient):
    """What came back."""

    choices: list[_Choice] = Field(min_length=1)
    usage: Usage | None = None
    model: object = None

    @property
    def counted(self) -> tuple[int, int] | None:
        """Tokens of the prompt and of what was written, where the service counted both."""
        if self.usage is None or self.usage.prompt_tokens is None or self.usage.completion_tokens is None:
            return None
        return self.usage.prompt_tokens, self.usage.completion_tokens

    @property
    def written(self) -> str:
        """The text."""
        first = self.choices[0]
        return (first.message.content if first.message else first.text) or ""

    def served(self, asked: str) -> str:
        """What the service calls the model that answered, if that is not the name that it was `asked` by."""
        return self.model[:_NAME] if isinstance(self.model, str) and self.model != asked else ""


def checked(data: object) -> object:
    """What came back; `Inside` where an error stands in it, or in its first choice, for an answer."""
    choices = data.get("choices") if isinstance(data, Mapping) else None
    for place in (data, choices[0] if isinstance(choices, list) and choices else None):
        error = place.get("error") if isinstance(place, Mapping) else None
        if error and isinstance(error, Mapping):
            raise Inside(error)
    return data


def parse(data: object) -> Answer:
    """The answer, checked; `Wrong` where it is not of the protocol."""
    try:
        return Answer.model_validate(data)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "all of it"
    raise Wrong(f"answered with something else than the OpenAI protocol ({where}); check the base URL, often .../v1")


def reply(request: Request, answer: Answer) -> Reply:
    """The reply without its costs. Raises `Wrong`, or `ConfigurationError` where a prompt cannot be scored."""
    choice, text = answer.choices[0], answer.written
    if choice.finish_reason == "content_filter":
        return Reply("refused", text, detail="content filter")
    if choice.message and choice.message.refusal and not text:
        return Reply("refused", choice.message.refusal, detail="refusal")
    if request.kind == "score":
        return Reply("ok", log_probabilities=_likelihood(request, choice.logprobs))
    if request.kind == "choose" and (said := _said(request, choice.logprobs)):
        return Reply("ok", request.answers[said.index(max(said))], said)
    cut = choice.finish_reason == "length" and (request.kind == "write" or not text)
    return Reply("truncated" if cut else "ok", text, detail=f"at {request.max_tokens} tokens" if cut else "")


def alternatives(answer: Answer) -> dict[str, float]:
    """log P by token, of the likeliest tokens at the first place; nothing where the service gives none."""
    told = answer.choices[0].logprobs
    if told is not None and told.content:
        place = told.content[0]
        return {one.token: one.logprob for one in [place, *reversed(place.top_logprobs)]}  # of equals the likeliest
    return dict((told.top_logprobs[0] or {}) if told is not None and told.top_logprobs else {})


def _said(request: Request, told: _LogProbabilities | None) -> tuple[float, ...] | None:
    """log P of the answers; None if one is not among the likeliest tokens; `Wrong` where they are no probabilities."""
    given = alternatives(Answer(choices=[_Choice(logprobs=told)]))
    said = [given.get(answer, math.nan) for answer in request.answers]
    if not said or not all(map(math.isfinite, said)):
        return None
    if max(said) > _ROUNDING or math.fsum(map(math.exp, said)) > 1 + _ROUNDING:
        raise Wrong("gave probabilities that are more than 1 together")
    return tuple(said)


def _likelihood(request: Request, told: _LogProbabilities | None) -> tuple[float, float]:
    """Sum over the tokens of `own` after its lead, and their number."""
    if told is None or not told.tokens or not told.token_logprobs or len(told.tokens) < 2:
        raise ConfigurationError(CANNOT_SCORE)
    prompt = request.shared + request.own
    starts = _starts(prompt, told.tokens, told.text_offset)
    begin, end = len(request.shared) + request.lead, len(prompt)
    values = [value for start, value in zip(starts, told.token_logprobs, strict=False) if begin <= start < end]
    if begin < end and begin not in starts:
        raise Wrong(
            "the model's tokens run across the start of what is scored; end the text before it with a line break"
        )
    if any(value is None or not math.isfinite(value) for value in values):
        raise Wrong("gave no log-probability for a token of the prompt")
    total = math.fsum(value for value in values if value is not None)
    if total > _ROUNDING:
        raise Wrong("gave a likelihood above 1")
    return total, float(len(values))


def _starts(prompt: str, tokens: list[str], offsets: list[int] | None) -> list[int]:
    """Where each token starts, counted from the first character of the prompt; the model's own may stand before."""
    shift = "".join(tokens).find(prompt)
    if shift >= 0:
        return [0 - shift, *(stop - shift for stop in accumulate(map(len, tokens)))][:-1]
    if offsets and len(offsets) == len(tokens) and len(prompt) in offsets:  # where tokens are parts of characters
        return offsets
    raise Wrong("the tokens that the service gave back do not make up the prompt")
