"""Greedy continuation of many prompts side by side, each token computed as it would be alone."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from benchmark.labels.llm.judges.attention import Segment, reading
from benchmark.labels.llm.judges.forward import Network, Reading
from benchmark.labels.llm.judges.packing import Tokens, trie

if TYPE_CHECKING:
    import torch

SLOTS = 16
"""Texts that are written at a time; a slot that becomes free is filled again."""


class Written(NamedTuple):
    """The prompt's index, the tokens after it without the one that ends the text, and whether such a one came.

    `seconds`: its part of those of each pass that it took part in, as large as that of each other text there.
    """

    prompt: int
    tokens: list[int]
    ended: bool
    seconds: float


@dataclass
class _Text:
    """One text being written: its last token stands at `length` - 1 and has not been read yet."""

    index: int
    most: int
    length: int
    cache: dict[int, tuple[torch.Tensor, torch.Tensor]]
    tokens: list[int] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class _Step:
    """One token of each text: a row whose segments see the text's own past."""

    texts: Sequence[_Text]

    def segments(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> Iterator[Segment]:
        for slot, text in enumerate(self.texts):
            cached = text.cache[layer]
            for whole, new in zip(cached, (keys, values), strict=True):
                whole[:, text.length - 1] = new[:, slot]
            yield Segment(slot, slot + 1, cached[0][:, : text.length], cached[1][:, : text.length])


def write(
    network: Network, prompts: Sequence[tuple[Tokens, Tokens]], most: Sequence[int], ends: Collection[int], length: int
) -> Iterator[Written]:
    """The likeliest token again and again after each prompt, until one of `ends` or `most` tokens, as texts are done.

    Prompts are read as a trie in rows of `length` tokens; then each step reads one token of each of `SLOTS` texts.
    """
    waiting = sorted(range(len(prompts)), key=lambda index: (prompts[index], most[index]), reverse=True)
    texts: list[_Text] = []
    while waiting or texts:
        clock = time.perf_counter()
        if waiting and len(texts) <= SLOTS // 2:  # a few at once, since a row is read whole however little is in it
            taken = [waiting.pop() for _ in range(min(len(waiting), SLOTS - len(texts)))]
            started, logits = _start(network, [prompts[index] for index in taken], length)
            for text, index, token in zip(started, taken, logits, strict=True):
                text.index, text.most = index, most[index]
                text.tokens.append(token)
            _grow(started)
            _share(time.perf_counter() - clock, started)
            texts += started
        else:
            for text in texts:
                text.length += 1
            ids = [text.tokens[-1] for text in texts]
            with reading(_Step(texts)):
                states = network.last_states(ids, [text.length - 1 for text in texts], SLOTS)[: len(texts)]
            for text, token in zip(texts, _likeliest(network, states), strict=True):
                text.tokens.append(token)
            _share(time.perf_counter() - clock, texts)
        for text in texts:
            if text.tokens[-1] in ends:
                yield Written(text.index, text.tokens[:-1], True, text.seconds)
            elif len(text.tokens) == text.most:
                yield Written(text.index, text.tokens, False, text.seconds)
        texts = [text for text in texts if text.tokens[-1] not in ends and len(text.tokens) < text.most]


def _start(network: Network, prompts: Sequence[tuple[Tokens, Tokens]], length: int) -> tuple[list[_Text], list[int]]:
    """Read the prompts: what is cached of each, and the first token after it."""
    import torch

    read = trie(prompts)
    lasts = [path[-1] for path in read.paths]
    reading_them = Reading(network, read.nodes, length, frozenset(lasts))
    states: dict[int, torch.Tensor] = {}
    for row in reading_them.states():
        states.update({node: row[node][-1] for node in row if node in reading_them.wanted})
    tokens = _likeliest(network, torch.stack([states[last] for last in lasts]))
    texts = [
        _Text(0, 0, sum(map(len, prompt)), dict(reading_them.caches[last]))
        for prompt, last in zip(prompts, lasts, strict=True)
    ]
    return texts, tokens


def _grow(texts: Sequence[_Text]) -> None:
    """Room in the caches for the tokens to come; two equal prompts then write into caches of their own."""
    import torch

    for text in texts:
        for layer, cached in text.cache.items():
            keys, values = (torch.nn.functional.pad(one, (0, 0, 0, text.most)) for one in cached)
            text.cache[layer] = keys, values


def _share(seconds: float, texts: Sequence[_Text]) -> None:
    for text in texts:
        text.seconds += seconds / len(texts)


def _likeliest(network: Network, states: torch.Tensor) -> list[int]:
    return [token for part in network.log_probabilities(states, SLOTS) for token in part.argmax(dim=-1).tolist()]
