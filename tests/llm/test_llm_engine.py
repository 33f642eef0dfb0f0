"""Whatever a model does between its last states and its logits, and however it reads, its own numbers come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.attention import register
from benchmark.labels.llm.judges.engine import Engine
from benchmark.labels.llm.judges.probabilities import Question
from benchmark.labels.llm.judges.tokens import Prompt

WORDS = 64
SMALL = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 256,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
STATES = {"state_size": 8, "time_step_rank": 4}
KINDS = {
    "Llama": ({}, True),
    "Granite": ({"logits_scaling": 8.0}, True),
    "Cohere": ({"logit_scale": 0.0625}, True),
    "Gemma2": ({"final_logit_softcapping": 2.0, "query_pre_attn_scalar": 8}, False),  # its attention is capped, too
    "OPT": ({"ffn_dim": 48, "word_embed_proj_dim": 32}, True),
    "GPTNeoX": ({}, True),
    "Mamba": (STATES, False),
    "FalconMamba": (STATES, False),
}
"""Families of models: what of them is not the library's default, and whether they can be read side by side."""
QUESTIONS = [
    Question(Prompt(tuple(range(5, 45)), (7, 9, 11)), tuple(range(WORDS))),
    Question(Prompt(tuple(range(5, 45)), (3, 60)), tuple(range(WORDS))),
    Question(Prompt((), (12, 50, 12)), tuple(range(WORDS))),
]


def model(kind: str) -> Any:
    torch.manual_seed(0)
    known = getattr(transformers, f"{kind}Config")
    made = getattr(transformers, f"{kind}ForCausalLM")(known(**SMALL | KINDS[kind][0]))
    torch.nn.init.normal_(made.get_output_embeddings().weight, std=0.5)  # so that some tokens are likelier than others
    return made.eval()


def own(network: Any, question: Question) -> np.ndarray:
    with torch.inference_mode():
        ids = torch.tensor([question.prompt.shared + question.prompt.own])
        return torch.log_softmax(network(ids, use_cache=False).logits[0, -1], dim=-1).numpy()


@pytest.mark.parametrize("kind", KINDS)
def test_the_models_own_probabilities_come_out(kind: str) -> None:
    right = [own(model(kind), question) for question in QUESTIONS]
    register()
    engine = Engine(model(kind), 64)
    assert engine.side_by_side == KINDS[kind][1]
    found = dict(one for row in engine.read(QUESTIONS) for one in row)
    for index, expected in enumerate(right):
        np.testing.assert_allclose(found[index], expected, atol=1e-4)
    assert max(np.ptp(expected) for expected in right) > 0.5


class Moody(transformers.LlamaForCausalLM):
    """Adds to the logits of a text what its last states do not tell."""

    def forward(self, input_ids: torch.Tensor | None = None, **more: Any) -> Any:
        read = super().forward(input_ids, **more)
        if input_ids is not None:
            read.logits[..., 5] += 50
        return read


def test_a_model_that_does_more_than_its_states_tell_is_refused() -> None:
    register()
    with pytest.raises(ConfigurationError, match=r"Moody: .* serve it"):
        Engine(Moody(transformers.LlamaConfig(**SMALL)), 64)
