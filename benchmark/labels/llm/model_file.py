"""Loads a language model from one GGUF file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.problems import first_problem
from benchmark.labels.llm.provenance import Dtype


def load_gguf(path: Path, dtype: Dtype, device: str) -> tuple[Any, Any]:
    """The model, its weights unpacked to `dtype`, and its tokeniser; nothing is downloaded.

    transformers 5.23 keeps packed weights unless `dequantize=True`, and unpacks them again at every step.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such model file; give the path of a GGUF file")
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    except ImportError as error:
        raise ConfigurationError(
            f"a local judge needs {error.name or 'transformers'}; run: python -m pip install torch transformers gguf"
        ) from error
    folder, name = str(path.parent.resolve()), path.name
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            gguf_file=name,
            dtype=getattr(torch, dtype),
            quantization_config=GgufConfig(gguf_file=name, dequantize=True),
            attn_implementation="sdpa",  # takes the additive mask of a tree as it is
            local_files_only=True,
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise DataError(f"{path}: cannot be loaded as GGUF ({first_problem(error)}); fetch the file again") from error
    return model.to(device).eval(), tokenizer


def quantisation(path: Path) -> str:
    """How most of the file's weights are packed, as its header names it: `Q4_K_M`, `Q4_1`, ..."""
    import gguf

    try:
        field = gguf.GGUFReader(path).get_field("general.file_type")
        return "unknown" if field is None else gguf.LlamaFileType(field.contents()).name.removeprefix("MOSTLY_")
    except (OSError, ValueError, IndexError) as error:
        raise DataError(f"{path}: is not a GGUF file ({first_problem(error)}); fetch it again") from error
