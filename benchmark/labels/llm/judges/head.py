"""From last hidden states to logits, by the model's own code.

Some models do more there than multiply by the vocabulary: Granite and Cohere scale their logits, Gemma 2 caps them.
So the model is run with its layers left out, on states that are given.
"""

from __future__ import annotations

from copy import copy, deepcopy
from typing import Any

import torch

from benchmark.labels.llm.judges.products import packed


class Head:
    """Logits [n, vocabulary] of last hidden states [n, width], in float32 whatever the model's own arithmetic is.

    In bfloat16 two logits of about 16 differ by 0.125 or not at all, which would make ties of what are none.
    """

    def __init__(self, model: Any) -> None:
        self._model = copy(model)  # its parts are those of `model`, but for the two that are put in their places here
        self._model.__dict__["_modules"] = dict(model._modules)
        self._model.__dict__.pop("forward", None)  # of a library that wrapped `model`, whose layers it would run
        self._model._modules[model.base_model_prefix] = _Given()
        self._model.set_output_embeddings(packed(deepcopy(model.get_output_embeddings()).float()))

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """Of all states at once."""
        logits: torch.Tensor = self._model(inputs_embeds=states[None], use_cache=False).logits[0]
        return logits


class _Given(torch.nn.Module):
    """In the place of a model's layers: what goes in comes out as the last hidden states."""

    @property
    def decoder(self) -> _Given:
        """OPT's and BART's models ask only this part of their layers."""
        return self

    def forward(self, *args: Any, inputs_embeds: torch.Tensor, **more: Any) -> _Outcome:
        return _Outcome((inputs_embeds,))


class _Outcome(tuple[torch.Tensor, ...]):
    """What the layers of a model return, of which only the states are there."""

    @property
    def last_hidden_state(self) -> torch.Tensor:
        return self[0]

    def __getattr__(self, name: str) -> None:
        return None
