"""Loads a language model from one GGUF file, or from a folder as transformers saves it."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any, Literal

from benchmark.errors import ConfigurationError, DataError
from benchmark.hashing import sha256_file
from benchmark.labels.llm.judges.attention import register
from benchmark.labels.llm.problems import first_problem

Dtype = Literal["bfloat16", "float32"]
_PARTS = ("*.safetensors", "*.bin", "*.json", "*.jinja", "*.model", "merges.txt", "vocab.txt")


def check_libraries(device: str) -> None:
    """Raises `ConfigurationError` where a library is missing, or a device that torch cannot use."""
    try:
        import gguf  # noqa: F401
        import torch
        import transformers  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            f"a local judge needs {error.name or 'transformers'}; run: python -m pip install torch transformers gguf"
        ) from error
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigurationError(f"device {device}: torch cannot use it ({first_problem(error)}); try cpu") from error


def load_model(path: Path, dtype: Dtype, device: str) -> tuple[Any, Any]:
    """The model, its weights unpacked to `dtype`, and its tokeniser; nothing is downloaded, no code of a folder is run.

    transformers 5.23 keeps packed weights unless `dequantize=True`, and unpacks them again at every step.
    """
    _check(path)
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils.logging import disable_progress_bar

    folder, file, unpack = str(path.resolve()), {}, {}
    if path.is_file():
        folder, file = str(path.parent.resolve()), {"gguf_file": path.name}
        unpack = {"quantization_config": GgufConfig(gguf_file=path.name, dequantize=True)}
    try:
        register()
        disable_progress_bar()  # type: ignore[no-untyped-call]  # it would run across our own
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), attn_implementation="eager", local_files_only=True, **file, **unpack
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, **file)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, struct.error, SafetensorError) as error:
        kind = "GGUF" if file else "a folder of transformers"
        raise DataError(f"{path}: cannot be loaded as {kind} ({first_problem(error)}); fetch it again") from error
    return model.to(device).eval(), tokenizer


def model_sha256(path: Path) -> str:
    """SHA-256 of a GGUF file; of a folder that of the lines `sha256  name` of its weights, settings and tokeniser."""
    _check(path)
    if path.is_file():
        return sha256_file(path)
    parts = sorted({part for pattern in _PARTS for part in path.glob(pattern)}, key=lambda part: part.name)
    return hashlib.sha256("".join(f"{sha256_file(part)}  {part.name}\n" for part in parts).encode()).hexdigest()


def quantisation(path: Path) -> str:
    """How most of a GGUF file's weights are packed, as its header names it (`Q4_K_M`, ...); empty for a folder."""
    if path.is_dir():
        return ""
    import gguf

    try:
        field = gguf.GGUFReader(path).get_field("general.file_type")
        return "unknown" if field is None else gguf.LlamaFileType(field.contents()).name.removeprefix("MOSTLY_")
    except (OSError, ValueError, IndexError) as error:
        raise DataError(f"{path}: is not a GGUF file ({first_problem(error)}); fetch it again") from error


def is_model(path: Path) -> bool:
    """Whether there is a file, or what transformers would take for a model's folder."""
    return path.is_file() or (path / "config.json").is_file()


def _check(path: Path) -> None:
    if not is_model(path):
        raise DataError(f"{path}: no such model file; give a GGUF file, or a folder with config.json and safetensors")
