"""What a model's own chat template puts before and after a user's turn."""

from __future__ import annotations

from typing import Any

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.problems import first_problem

_SYSTEM, _USER, _REPLY = "\u241esystem\u241e", "\u241euser\u241e", "\u241ereply\u241e"  # no text holds these


def around(tokenizer: Any, system: str) -> tuple[str, str]:
    """(head, tail): a prompt is head + the user's words + tail, and what comes next is the model's turn.

    A template that knows no system turn gets the system's words before the user's, with an empty line between. Many
    templates put in a system turn of their own where there is none; it is left out where its ends can be told from
    turns rendered with and without a system turn, otherwise it stays: it is what the model was made to be asked with.
    Templates of models that may think first are told that this one does not: what is read is what comes next.
    Raises `ConfigurationError` where there is no template, or one that does not show the user's words once.
    """
    if not getattr(tokenizer, "chat_template", None):
        raise ConfigurationError(
            "the model has no chat template; use an instruction-tuned model, or a prompt that is no chat"
        )
    head, tail = _render(tokenizer, system)
    if system and system not in head:  # left out without a word
        head, tail = _render(tokenizer, "")
        return _without_default(tokenizer, head) + f"{system}\n\n", tail
    return (head if system else _without_default(tokenizer, head)), tail


def _render(tokenizer: Any, system: str) -> tuple[str, str]:
    turns = [{"role": "system", "content": system}] if system else []
    try:
        text = _turns(tokenizer, [*turns, {"role": "user", "content": _USER}], ask=True)
    except Exception as error:  # a template raises whatever it likes
        if system:
            return "", ""
        raise ConfigurationError(
            f"the model's chat template fails ({first_problem(error)}); use another model"
        ) from error
    parts = text.split(_USER)
    if len(parts) != 2:
        raise ConfigurationError("the model's chat template does not show the user's turn once; use another model")
    return parts[0], parts[1]


def _without_default(tokenizer: Any, head: str) -> str:
    """`head` without a default system turn: [begin][open system]...[close][open user] becomes [begin][open user].

    With a system turn S and a reply R: begin + open system stand before S, close + open user between S and the user's
    words, close after R. The opening of a system turn is that of a user's turn with the other role.
    """
    try:
        turns = [("system", _SYSTEM), ("user", _USER), ("assistant", _REPLY)]
        text = _turns(tokenizer, [{"role": role, "content": words} for role, words in turns], ask=False)
        before, rest = text.split(_SYSTEM)
        between, rest = rest.split(_USER)
        close = rest.split(_REPLY)[1]
    except Exception:  # no system turn in this template, so no default one
        return head
    opening = between.removeprefix(close)
    begin = before.removesuffix(opening.replace("user", "system"))
    has_default = head.startswith(before) and head.endswith(between) and len(head) > len(before) + len(between)
    told = close and opening != between and begin != before
    return begin + opening if has_default and told else head


def _turns(tokenizer: Any, turns: list[dict[str, str]], *, ask: bool) -> str:
    text: str = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=ask, enable_thinking=False)
    return text
