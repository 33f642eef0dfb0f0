"""How a loaded model is read: many prompts side by side where its attention allows it, else one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.attention import NAME, Unsupported
from benchmark.labels.llm.judges.forward import Network
from benchmark.labels.llm.judges.one_by_one import read_alone, write_alone
from benchmark.labels.llm.judges.packing import Tokens
from benchmark.labels.llm.judges.probabilities import Question, read_all
from benchmark.labels.llm.judges.tokens import Prompt
from benchmark.labels.llm.judges.writing import Written, write

_NEAR = 0.2
"""Greatest total variation between both ways of reading.

On random tokens, in bfloat16, two kernels of the same attention were seen to differ by 0.07 in a model of 1.5 billion
weights; an attention that looks elsewhere gives another distribution altogether.
"""


class Engine:
    """Reads prompts in rows of `length` tokens.

    Whether a model can be read side by side is tried, once, on a few tokens: what it then says must be what it says
    itself, run as the library runs it. Models with capped attention, states that run through the whole row, or an
    attention of their own are read one by one instead: as right, and as reproducible, but slower.
    """

    def __init__(self, model: Any, length: int) -> None:
        """Raises `ConfigurationError` for a model that does not come out as it says itself in either way."""
        self.model, self._length = model, length
        size = model.get_input_embeddings().num_embeddings
        ids = tuple((7919 * place + 11) % size for place in range(1, 60))
        prompts = [Prompt(ids[:40], ids[40:50]), Prompt(ids[:40], ids[50:]), Prompt((), ids[20:30])]
        questions = [Question(prompt, tuple(range(size))) for prompt in prompts]
        itself = [_itself(model, prompt) for prompt in prompts]
        self._network = Network(model)
        alone = model.config._attn_implementation
        self.side_by_side = True  # which is how `read` reads, until it is known otherwise
        self.side_by_side = self._comes_out(NAME, questions, itself)
        if not self.side_by_side and not self._comes_out(alone, questions, itself):
            raise ConfigurationError(
                f"{type(model).__name__}: its log-probabilities cannot be read off its last states; serve it, and name "
                "the URL as the judge"
            )

    def read(self, questions: Sequence[Question]) -> Iterator[list[tuple[int, tuple[float, ...]]]]:
        """See `probabilities.read_all`."""
        return (
            read_all(self._network, questions, self._length)
            if self.side_by_side
            else read_alone(self._network, questions)
        )

    def write(self, prompts: Sequence[Prompt], most: Sequence[int], ends: Collection[int]) -> Iterator[Written]:
        """See `writing.write`."""
        parts: list[tuple[Tokens, Tokens]] = [(prompt.shared, prompt.own) for prompt in prompts]
        if self.side_by_side:
            return write(self._network, parts, most, ends, self._length)
        return write_alone(self.model, parts, most, ends)

    def _comes_out(
        self, attention: str, questions: Sequence[Question], itself: Sequence[npt.NDArray[np.float64]]
    ) -> bool:
        """Whether, attending so, what is read is no further than `_NEAR` from what the model says `itself`."""
        try:
            self.model.set_attn_implementation(attention)
            found = dict(one for row in self.read(questions) for one in row)
            return all(np.abs(np.exp(found[index]) - right).sum() / 2 < _NEAR for index, right in enumerate(itself))
        except (Unsupported, AttributeError, KeyError, RuntimeError, TypeError, ValueError):
            return False


def _itself(model: Any, prompt: Prompt) -> npt.NDArray[np.float64]:
    """P(token | prompt) over the vocabulary, as the model computes it with nothing of ours."""
    import torch

    with torch.inference_mode():
        logits = model(torch.tensor([prompt.shared + prompt.own], device=model.device), use_cache=False).logits
        return np.asarray(torch.softmax(logits[0, -1].cpu().double(), dim=-1))
