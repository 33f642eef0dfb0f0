"""Prompts as a trie of short blocks of tokens, so that what several begin with is read once.

A prompt comes in parts, such as (document, question); each is cut from its own start into blocks of `BLOCK` tokens.
Where the cuts lie depends on the prompt alone, so a block computes the same whichever prompts are read beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BLOCK = 32
"""Few cuts mean few and large products of attention; short blocks share more of what long texts have in common."""

Tokens = tuple[int, ...]
ROOT = -1


@dataclass(frozen=True)
class Node:
    """A block of tokens after those of `parent` (an index, or `ROOT`), the first of them at position `start`."""

    parent: int
    start: int
    tokens: Tokens


@dataclass(frozen=True)
class Trie:
    """`nodes` in the order in which they are read, parents first, and `paths`, the nodes of each prompt in order.

    The order is depth first, so at any time only the nodes of one path wait for children.
    """

    nodes: list[Node]
    paths: list[list[int]]


def trie(prompts: Sequence[Sequence[Tokens]]) -> Trie:
    """The trie of the prompts, each given in parts, any of which may be empty, but not all: a `ValueError`."""
    nodes: list[Node] = []
    known: dict[tuple[int, Tokens], int] = {}
    paths: list[list[int]] = [[] for _ in prompts]
    blocks = [[block for part in prompt for block in _blocks(part)] for prompt in prompts]
    if not all(blocks):
        raise ValueError("a prompt needs at least one token")
    for index in sorted(range(len(prompts)), key=blocks.__getitem__):
        parent = ROOT
        for tokens in blocks[index]:
            node = known.get((parent, tokens))
            if node is None:
                node = known[parent, tokens] = len(nodes)
                start = 0 if parent == ROOT else nodes[parent].start + len(nodes[parent].tokens)
                nodes.append(Node(parent, start, tokens))
            paths[index].append(node)
            parent = node
    return Trie(nodes, paths)


def rows(nodes: Sequence[Node], length: int) -> Iterator[range]:
    """Runs of nodes of at most `length` >= `BLOCK` tokens together."""
    first = used = 0
    for index, node in enumerate(nodes):
        if used + len(node.tokens) > length:
            yield range(first, index)
            first, used = index, 0
        used += len(node.tokens)
    if first < len(nodes):
        yield range(first, len(nodes))


def _blocks(part: Tokens) -> Iterator[Tokens]:
    for start in range(0, len(part), BLOCK):
        yield part[start : start + BLOCK]
