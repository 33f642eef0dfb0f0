"""Log-probabilities of answers after prompts, and of texts: read off the model, nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.labels.llm.judges.forward import HEAD_ROWS, Network, Reading
from benchmark.labels.llm.judges.packing import BLOCK, ROOT, Trie, trie
from benchmark.labels.llm.judges.tokens import Prompt

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Question:
    """`answers`: the log-probability of each of these tokens after the prompt is asked for; None: that of `own`."""

    prompt: Prompt
    answers: tuple[int, ...] | None


def read_all(
    network: Network, questions: Sequence[Question], length: int
) -> Iterator[list[tuple[int, tuple[float, ...]]]]:
    """Row by row, each question that is done: its index and what is asked, (sum, tokens) where it is that of `own`."""
    read = trie([(question.prompt.shared, question.prompt.own) for question in questions])
    done_at: dict[int, list[int]] = defaultdict(list)
    for index, path in enumerate(read.paths):
        done_at[path[-1]].append(index)
    counted = _counted(questions, read)
    last: dict[int, torch.Tensor] = {}  # of each node the last state, which foretells what comes next
    token: dict[int, list[float]] = {}  # of each node that is counted log P of its tokens, the first of them left out
    for row in Reading(network, read.nodes, length).states():
        for node, states in row.items():
            last[node] = states[-1].clone()  # a view would keep the whole row
        token.update(
            _token_log_probabilities(network, read, {node: counted[node] for node in row if node in counted}, row, last)
        )
        done = [index for node in row for index in done_at[node]]
        chosen = [index for index in done if questions[index].answers is not None]
        values: dict[int, tuple[float, ...]] = {
            index: _score(questions[index], read.paths[index], token) for index in done if index not in set(chosen)
        }
        values.update(_choices(network, questions, chosen, [last[read.paths[index][-1]] for index in chosen]))
        yield [(index, values[index]) for index in done]


def _choices(
    network: Network, questions: Sequence[Question], chosen: Sequence[int], states: Sequence[torch.Tensor]
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """log P(answer | prompt) of each answer."""
    import torch

    if not chosen:
        return
    rows = (row for part in network.log_probabilities(torch.stack(list(states))) for row in part)
    for index, row in zip(chosen, rows, strict=True):
        yield index, tuple(row[list(questions[index].answers or ())].tolist())


def _score(question: Question, path: Sequence[int], token: dict[int, list[float]]) -> tuple[float, float]:
    """Sum of log P(token | all before it) over `own` but its lead, and their number."""
    own = path[len(path) - _blocks(question.prompt.own) :]
    values = [value for node in own for value in token[node]]
    counted = len(question.prompt.own) - question.prompt.lead
    return sum(values[len(values) - counted :]), float(counted)


def _counted(questions: Sequence[Question], read: Trie) -> dict[int, int]:
    """Of each node in the `own` of a question that asks for it, the first token that counts for any of them."""
    counted: dict[int, int] = {}
    for question, path in zip(questions, read.paths, strict=True):
        if question.answers is None:
            own = path[len(path) - _blocks(question.prompt.own) :]
            for place, node in enumerate(own):
                first = max(question.prompt.lead - place * BLOCK, 0)
                counted[node] = min(counted.get(node, first), first)
    return counted


def _token_log_probabilities(
    network: Network, read: Trie, counted: dict[int, int], row: dict[int, torch.Tensor], last: dict[int, torch.Tensor]
) -> Iterator[tuple[int, list[float]]]:
    """log P(token | all before it) of the nodes' tokens from the first that counts; the state before foretells each."""
    import torch

    before: list[torch.Tensor] = []
    tokens: list[int] = []
    for node, first in counted.items():
        here = read.nodes[node]
        states = row[node][:-1]
        if here.parent != ROOT:
            states = torch.cat((last[here.parent][None], states))
        else:
            first -= 1  # nothing foretells the first token of all
        before.append(states[max(first, 0) :])
        tokens += here.tokens[len(here.tokens) - len(before[-1]) :]
    if not before:
        return
    log_p = [
        value
        for part, at in zip(network.log_probabilities(torch.cat(before)), _chunks(tokens), strict=True)
        for value in part[torch.arange(len(at)), torch.tensor(at)].tolist()
    ]
    stop = 0
    for node, states in zip(counted, before, strict=True):
        start, stop = stop, stop + len(states)
        yield node, log_p[start:stop]


def _chunks(tokens: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(tokens), HEAD_ROWS):
        yield list(tokens[start : start + HEAD_ROWS])


def _blocks(part: Sequence[int]) -> int:
    return -(-len(part) // BLOCK)
