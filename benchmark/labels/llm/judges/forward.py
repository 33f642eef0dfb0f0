"""Hidden states and log-probabilities of a trie of prompts under a causal language model of transformers.

Every forward pass has the same number of tokens, filled up where there are fewer: what a product of matrices gives for
one token depends, by a rounding, on how many are computed at once, but not on which. With attention by segments this
makes the numbers of a prompt independent of the prompts beside it, bit for bit, in bfloat16 as in float32, on one
machine with one number of threads. (Not in mixtures of experts, where an expert gets as many tokens as choose it.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmark.labels.llm.judges.attention import Segment, reading
from benchmark.labels.llm.judges.packing import ROOT, Node, rows

if TYPE_CHECKING:
    import torch

HEAD_ROWS = 32
Cache = dict[int, tuple["torch.Tensor", "torch.Tensor"]]  # by layer: keys, values [heads, tokens, width]


class Network:
    """A causal language model of transformers, whose linear layers are packed (see `products`)."""

    def __init__(self, model: Any) -> None:
        from benchmark.labels.llm.judges.head import Head
        from benchmark.labels.llm.judges.products import pack

        self.model = model
        self._head = Head(model)
        pack(model.base_model)

    def last_states(self, ids: list[int], positions: list[int], length: int) -> torch.Tensor:
        """Last hidden states [length, width] of tokens at positions, in one pass of `length`; see `reading`."""
        import torch

        filled = [0] * (length - len(ids))
        with torch.inference_mode():
            states: torch.Tensor = self.model.base_model(
                input_ids=torch.tensor([ids + filled], device=self.model.device),
                position_ids=torch.tensor([positions + filled], device=self.model.device),
                use_cache=False,
            ).last_hidden_state[0]
        return states

    def log_probabilities(self, states: torch.Tensor, at_once: int = HEAD_ROWS) -> Iterator[torch.Tensor]:
        """log P(token | state) over the vocabulary, for `at_once` states at a time [at most that, tokens]."""
        import torch

        with torch.inference_mode():
            for start in range(0, len(states), at_once):
                part = states[start : start + at_once].float()
                filled = torch.nn.functional.pad(part, (0, 0, 0, at_once - len(part)))
                yield torch.log_softmax(self._head(filled)[: len(part)], dim=-1)


@dataclass
class _TrieRow:
    """Nodes side by side; `caches` of the nodes that still have children to come, each over its whole path."""

    nodes: Sequence[Node]
    run: range
    caches: dict[int, Cache]
    keep: set[int]

    def segments(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> Iterator[Segment]:
        import torch

        stop = 0
        for index in self.run:
            node = self.nodes[index]
            start, stop = stop, stop + len(node.tokens)
            own = keys[:, start:stop], values[:, start:stop]
            if node.parent != ROOT:
                past = self.caches[node.parent][layer]
                own = torch.cat((past[0], own[0]), 1), torch.cat((past[1], own[1]), 1)
            else:
                own = own[0].contiguous(), own[1].contiguous()
            if index in self.keep:
                self.caches.setdefault(index, {})[layer] = own
            yield Segment(start, stop, *own)


@dataclass
class Reading:
    """A trie being read in rows of `length` tokens; `caches` are of nodes that are asked for or still needed."""

    network: Network
    nodes: Sequence[Node]
    length: int
    wanted: frozenset[int] = frozenset()
    caches: dict[int, Cache] = field(default_factory=dict)

    def states(self) -> Iterator[dict[int, torch.Tensor]]:
        """Row by row: the last hidden states [tokens, width] of each node in the row."""
        children = Counter(node.parent for node in self.nodes)
        keep = set(children) | self.wanted
        for run in rows(self.nodes, self.length):
            spans = [self.nodes[index] for index in run]
            with reading(_TrieRow(self.nodes, run, self.caches, keep)):
                states = self.network.last_states(
                    [token for node in spans for token in node.tokens],
                    [node.start + place for node in spans for place in range(len(node.tokens))],
                    self.length,
                )
            made, stop = {}, 0
            for index, node in zip(run, spans, strict=True):
                start, stop = stop, stop + len(node.tokens)
                made[index] = states[start:stop]
                children[node.parent] -= 1
                if node.parent != ROOT and not children[node.parent] and node.parent not in self.wanted:
                    del self.caches[node.parent]
            yield made
