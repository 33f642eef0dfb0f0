"""Judges: what answers a prompt about a document and the questions asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from benchmark.errors import ConfigurationError
from benchmark.hashing import sha256_file
from benchmark.labels.llm.forward import answer_log_probabilities, suffix_log_likelihoods
from benchmark.labels.llm.model_file import load_gguf, quantisation
from benchmark.labels.llm.packing import Tree, batches, split
from benchmark.labels.llm.prompts import Prompt
from benchmark.labels.llm.provenance import Dtype, Provenance


@dataclass(frozen=True)
class Item:
    """A document and the questions asked of it, as text."""

    document: str
    questions: tuple[str, ...]


class Judge(Protocol):
    """Answers items; what its answers depend on is in `provenance`.

    A class with these two members is a judge; it need not derive from this one.
    """

    @property
    def provenance(self) -> Provenance:
        """Model, prompt and arithmetic."""
        ...

    def judge(self, items: Sequence[Item]) -> list[tuple[float, float]]:
        """One pair of numbers for each question of each item, in order.

        Yes-no prompt: (log P(first answer), log P(second answer)). Query likelihood: (sum of log-probabilities of the
        question's tokens, their number).
        """
        ...


class LocalJudge:
    """A causal language model on this machine, from a GGUF file, under one prompt.

    A document is read once for all of its questions; a batch holds at most `token_budget` tokens with padding. In
    bfloat16 an answer depends a little on what it is batched with; in float32 it does not move beyond rounding.
    """

    def __init__(
        self,
        gguf_file: Path,
        prompt: Prompt,
        *,
        name: str | None = None,
        dtype: Dtype = "bfloat16",
        device: str = "cpu",
        token_budget: int = 1400,
    ) -> None:
        self._model, self._tokenizer = load_gguf(gguf_file, dtype, device)
        self._prompt = prompt
        self._budget = token_budget
        self._before = self._encode([prompt.before])[0]
        self._lead = self._encode([prompt.lead])[0]
        self._answers = tuple(self._single_token(answer) for answer in prompt.answers)
        self.provenance = Provenance(
            model=name or gguf_file.stem,
            model_file_sha256=sha256_file(gguf_file),
            quantisation=quantisation(gguf_file),
            dtype=dtype,
            device=device,
            prompt=prompt,
            prompt_sha256=prompt.sha256,
            versions=_versions(),
        )

    def judge(self, items: Sequence[Item]) -> list[tuple[float, float]]:
        """One pair for each question of each item, in order; see `Judge`."""
        trees = [piece for item in self._trees(items) for piece in split(item, self._budget)]
        answered: list[npt.NDArray[np.float64]] = [np.empty((0, 2))] * len(trees)
        for batch in batches([len(tree) for tree in trees], self._budget):
            values = self._forward([trees[index] for index in batch])
            cuts = np.cumsum([len(trees[index].suffixes) for index in batch])[:-1]
            for index, part in zip(batch, np.split(values, cuts), strict=True):
                answered[index] = part
        return [(first, second) for part in answered for first, second in part.tolist()]

    def _forward(self, trees: Sequence[Tree]) -> npt.NDArray[np.float64]:
        if self._prompt.method == "yes-no":
            return answer_log_probabilities(self._model, trees, self._answers)
        return suffix_log_likelihoods(self._model, trees, skip=len(self._lead))

    def _trees(self, items: Sequence[Item]) -> list[Tree]:
        limit = self._prompt.max_document_tokens
        documents = self._encode([item.document for item in items])
        questions = list(dict.fromkeys(question for item in items for question in item.questions))
        suffix = dict(zip(questions, self._encode([self._prompt.ask(text) for text in questions]), strict=True))
        if any(tokens[: len(self._lead)] != self._lead for tokens in suffix.values()):
            raise ConfigurationError(
                f"prompt {self._prompt.name}: this model's tokens run across the start of the question, so its own "
                "tokens cannot be counted; end the text before it with a line break or a colon"
            )
        return [
            Tree(self._before + document[:limit], tuple(suffix[question] for question in item.questions))
            for item, document in zip(items, documents, strict=True)
        ]

    def _encode(self, texts: list[str]) -> list[tuple[int, ...]]:
        if not texts:
            return []
        return [tuple(ids) for ids in self._tokenizer(texts, add_special_tokens=False)["input_ids"]]

    def _single_token(self, answer: str) -> int:
        ids = self._encode([answer])[0]
        if len(ids) != 1:
            raise ConfigurationError(
                f"prompt {self._prompt.name}: answer {answer!r} is {len(ids)} tokens for this model; "
                "use answers of one token"
            )
        return ids[0]


def _versions() -> dict[str, str]:
    modules: list[Any] = [__import__(name) for name in ("torch", "transformers")]
    return {module.__name__: str(module.__version__) for module in modules}
