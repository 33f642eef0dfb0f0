"""Models whose attention cannot be taken apart (see `attention`): each prompt by itself, as the library reads it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from benchmark.labels.llm.judges.forward import Network
from benchmark.labels.llm.judges.packing import Tokens
from benchmark.labels.llm.judges.probabilities import Question
from benchmark.labels.llm.judges.writing import Written

if TYPE_CHECKING:
    import torch


def states_alone(network: Network, ids: Tokens) -> torch.Tensor:
    """Last hidden states [tokens, width] of one text."""
    import torch

    with torch.inference_mode():
        read = network.model.base_model(input_ids=torch.tensor([ids], device=network.model.device), use_cache=False)
        states: torch.Tensor = read.last_hidden_state[0]
    return states


def read_alone(network: Network, questions: Sequence[Question]) -> Iterator[list[tuple[int, tuple[float, ...]]]]:
    """As `probabilities.read_all`."""
    import torch

    for index, question in enumerate(questions):
        ids = question.prompt.shared + question.prompt.own
        states = states_alone(network, ids)
        if question.answers is not None:
            (log_p,) = network.log_probabilities(states[-1:])
            yield [(index, tuple(log_p[0, list(question.answers)].tolist()))]
            continue
        counted = len(question.prompt.own) - question.prompt.lead
        log_p = torch.cat(list(network.log_probabilities(states[-counted - 1 : -1])))
        each = log_p[range(counted), list(ids[len(ids) - counted :])]
        yield [(index, (float(each.sum()), float(counted)))]


def write_alone(
    model: Any, prompts: Sequence[tuple[Tokens, Tokens]], most: Sequence[int], ends: Collection[int]
) -> Iterator[Written]:
    """As `writing.write`."""
    import torch

    for index, (shared, own) in enumerate(prompts):
        clock = time.perf_counter()
        ids = torch.tensor([shared + own], device=model.device)
        with torch.inference_mode():
            out = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=most[index],
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                repetition_penalty=None,
                eos_token_id=sorted(ends) or None,
                pad_token_id=min(ends, default=0),
            )
        tokens = out[0, ids.shape[1] :].tolist()
        ended = bool(tokens) and tokens[-1] in ends
        yield Written(index, tokens[:-1] if ended else tokens, ended, time.perf_counter() - clock)
