"""Texts of a collection as data inside a prompt: nothing in them may end their quotation or the turn of a chat."""

from __future__ import annotations

import re

_TAG = re.compile(r"[<＜](?=[/／|｜!！a-zA-Z])")  # </passage>, <|im_end|>, <｜end▁of▁sentence｜>, <start_of_turn>, </s>
_BRACKET = re.compile(r"\[(?=/?(?:INST|SYS)\b)", re.IGNORECASE)
_WORD = re.compile(r"\S+")


def plain(text: str) -> str:
    """The text without outer white space, a space put into whatever could be a tag or a control token of a model.

    `<` (or `＜`) is followed by a space where a letter or one of / | ! comes next (`</passage>`, `<|im_end|>`), and so
    is `[` before INST or SYS: tokenisers read control tokens out of any text, so a document could end the user's turn.
    """
    return _BRACKET.sub("[ ", _TAG.sub(r"\g<0> ", text.strip()))


def first_words(text: str, count: int) -> str:
    """The text up to its `count`-th word, words being what white space separates; all of it where it has fewer."""
    for number, word in enumerate(_WORD.finditer(text), 1):
        if number == count:
            return text[: word.end()]
    return text


def first_characters(text: str, count: int) -> str:
    """The first `count` characters: how a text is cut in languages that do not separate words."""
    return text[:count].rstrip()
