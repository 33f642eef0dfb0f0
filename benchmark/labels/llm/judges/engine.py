"""How a loaded model is read: many prompts side by side where its attention allows it, else one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from benchmark.labels.llm.judges.alone import read_alone, write_alone
from benchmark.labels.llm.judges.attention import NAME, Unsupported
from benchmark.labels.llm.judges.forward import Network
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

    Whether a model can be read side by side is tried, once, on a few tokens: what it then says must be what it says of
    each prompt alone. Models with capped logits, states that run through the whole row, or an attention of their own
    are read one by one instead: as right, and as reproducible, but slower.
    """

    def __init__(self, model: Any, length: int) -> None:
        self.model, self._length = model, length
        self._network = Network(model)
        self.side_by_side = self._try()

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

    def _try(self) -> bool:
        size = self.model.get_input_embeddings().num_embeddings
        ids = tuple((7919 * place + 11) % size for place in range(1, 60))
        prompts = [Prompt(ids[:40], ids[40:50]), Prompt(ids[:40], ids[50:]), Prompt((), ids[20:30])]
        every = tuple(range(size))
        alone = [one[0][1] for one in read_alone(self._network, [Question(prompt, every) for prompt in prompts])]
        try:
            self.model.set_attn_implementation(NAME)
            found = read_all(self._network, [Question(prompt, every) for prompt in prompts], self._length)
            together = dict(one for row in found for one in row)
            far = max(
                float(np.abs(np.exp(alone[index]) - np.exp(together[index])).sum()) / 2 for index in range(len(prompts))
            )
        except (Unsupported, AttributeError, KeyError, RuntimeError, TypeError, ValueError):
            far = 1.0
        if not far < _NEAR:
            self.model.set_attn_implementation("sdpa" if self.model._supports_sdpa else "eager")
        return far < _NEAR
