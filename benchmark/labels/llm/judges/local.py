"""A language model on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.labels.llm.judges.engine import Engine
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judges.model_file import Dtype, check_libraries, load_model, model_sha256, quantisation
from benchmark.labels.llm.judges.probabilities import Question
from benchmark.labels.llm.judges.processor import processor_of
from benchmark.labels.llm.judges.tokens import Prompt, Tokeniser

_AT_ONCE = 1024
"""Requests that are made into tokens at a time: enough that hardly anything shared is read twice."""


class LocalJudge:
    """Any causal language model of transformers, from a GGUF file or a folder; nothing is downloaded.

    What requests have in common from their beginning on is read once: the system turn and the criterion by all, a
    document by all of its questions. `token_budget` is how many tokens a forward pass reads.

    A reply does not depend on what else is asked: in bfloat16 as in float32 it comes again bit for bit, alone or among
    others, on one machine with the same libraries and number of threads, and the same `token_budget` (see `forward`).
    On another kind of processor it differs by the rounding of its arithmetic (see `processor_of`), and so it does from
    a plain forward pass of the whole prompt. Models whose attention does not allow this are read one prompt at a time,
    which reproduces as well (see `engine`).
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str | None = None,
        dtype: Dtype = "float32",
        device: str = "cpu",
        token_budget: int | None = None,
    ) -> None:
        """`token_budget` is 1024 on a CPU and 4096 elsewhere. The weights are loaded when they are first needed.

        Raises `DataError` for a path that is no model, `ConfigurationError` where a library or the device is missing.
        """
        sha256 = model_sha256(path)
        check_libraries(device)
        self._path, self._dtype, self._device = path, dtype, device
        self._length = token_budget or (1024 if device == "cpu" else 4096)
        self._model = Model(
            name=name or (path.resolve().name if path.is_dir() else path.stem),
            file_sha256=sha256,
            quantisation=quantisation(path),
            dtype=dtype,
            device=device,
            processor=processor_of(device),
            versions=_versions(),
        )

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        """The model and its tokeniser; `DataError` where the file is damaged."""
        return load_model(self._path, self._dtype, self._device)

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self._loaded[0], self._length)

    @cached_property
    def _tokeniser(self) -> Tokeniser:
        return Tokeniser(self._loaded[1], self._model.name)

    @cached_property
    def _most(self) -> int | None:
        """How many tokens the model reads, if it says so."""
        return getattr(self._loaded[0].config.get_text_config(), "max_position_embeddings", None)

    @cached_property
    def _ends(self) -> frozenset[int]:
        return _ends(*self._loaded)

    @property
    def model(self) -> Model:
        """The file, its quantisation and the arithmetic."""
        return self._model

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has."""
        return list(map(len, self._tokeniser.encode(texts)))

    def check(self, requests: Iterable[Request]) -> None:
        """See `Judge`: each answer of a choice must be one token."""
        for answers in dict.fromkeys(request.answers for request in requests if request.kind == "choose"):
            self._tokeniser.answers(answers)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """The index and the reply of each request as they are ready: those with an equal beginning together.

        A prompt that the model cannot read whole, or of which nothing can be scored, gets a reply `failed`. Raises
        `ConfigurationError` before anything is read for a chat without a template in the model, and for an answer of
        `choose` that is not one token.
        """
        self.check(requests)
        order = sorted(
            range(len(requests)),
            key=lambda at: (requests[at].kind == "write", requests[at].system, requests[at].shared),
        )
        for start in range(0, len(order), _AT_ONCE):
            yield from self._some(order[start : start + _AT_ONCE], requests)

    def _some(self, indices: Sequence[int], requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        prompts = dict(zip(indices, self._tokeniser.prompts([requests[index] for index in indices]), strict=True))
        failed = {index: problem for index in indices if (problem := self._problem(requests[index], prompts[index]))}
        for index, problem in failed.items():
            yield index, Reply("failed", prompt_tokens=len(prompts[index]), detail=problem)
        left = [index for index in indices if index not in failed]
        yield from self._read([index for index in left if requests[index].kind != "write"], requests, prompts)
        yield from self._write([index for index in left if requests[index].kind == "write"], requests, prompts)

    def _read(
        self, indices: Sequence[int], requests: Sequence[Request], prompts: dict[int, Prompt]
    ) -> Iterator[tuple[int, Reply]]:
        if not indices:
            return
        tokens = {index: self._answers(requests[index]) for index in indices}
        engine = self._engine  # made ready before the clock runs
        started = time.perf_counter()
        for done in engine.read([Question(prompts[index], tokens[index]) for index in indices]):
            seconds = (time.perf_counter() - started) / max(len(done), 1)
            for place, values in done:
                request, prompt = requests[indices[place]], prompts[indices[place]]
                best = max(range(len(values)), key=values.__getitem__)
                text = request.answers[best] if request.kind == "choose" else ""
                reply = Reply("ok", text, values, prompt_tokens=len(prompt), seconds=seconds)
                yield indices[place], reply
            if done:  # a row may end within a prompt; its time is then that of the next
                started = time.perf_counter()

    def _write(
        self, indices: Sequence[int], requests: Sequence[Request], prompts: dict[int, Prompt]
    ) -> Iterator[tuple[int, Reply]]:
        if not indices:
            return
        most = [requests[index].max_tokens for index in indices]
        for place, tokens, ended, seconds in self._engine.write(
            [prompts[index] for index in indices], most, self._ends
        ):
            text = self._tokeniser.tokenizer.decode(tokens, skip_special_tokens=True)
            yield (
                indices[place],
                Reply(
                    "ok" if ended else "truncated",
                    text,
                    prompt_tokens=len(prompts[indices[place]]),
                    completion_tokens=len(tokens) + ended,
                    seconds=seconds,
                ),
            )

    def _answers(self, request: Request) -> tuple[int, ...] | None:
        return tuple(self._tokeniser.answers(request.answers)) if request.kind == "choose" else None

    def _problem(self, request: Request, prompt: Prompt) -> str:
        """Why the prompt cannot be answered, or nothing."""
        length = len(prompt) + (request.max_tokens if request.kind == "write" else 0)
        if self._most is not None and length > self._most:
            return f"{length} tokens are more than the {self._most} that the model reads"
        if not len(prompt):
            return "the prompt is empty"
        if prompt.runs_across:
            return "tokens run across the start of what is scored; end the text before it with a line break"
        if request.kind == "score" and (prompt.lead >= len(prompt.own) or len(prompt.shared) + prompt.lead == 0):
            return "there is nothing to score, or nothing before it"
        return ""


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """Tokens that end a text: those that the model's settings name, and the tokeniser's."""
    named = getattr(model.generation_config, "eos_token_id", None)
    ends = {*(named if isinstance(named, list) else [named]), tokenizer.eos_token_id}
    return frozenset(end for end in ends if end is not None)


def _versions() -> dict[str, str]:
    modules: list[Any] = [__import__(name) for name in ("torch", "transformers")]
    return {module.__name__: str(module.__version__) for module in modules}
