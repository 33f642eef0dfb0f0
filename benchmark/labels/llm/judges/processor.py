"""Which kind of processor computes: in bfloat16 another kind rounds otherwise."""

from __future__ import annotations

_EXTENSIONS = ("amx_bf16", "avx512_bf16", "avx512_f", "avx2", "sve_bf16", "sve", "bf16", "neon")
"""Instructions that products of matrices are computed with, the ones that are chosen first before the others."""


def processor_of(device: str) -> str:
    """Of a CPU its architecture and the widest of `_EXTENSIONS` that it has, such as `x86_64 avx512_bf16`; of a GPU its
    name.

    In float32 a judge says the same on all of them to about five digits. In bfloat16 it says the same to the last bit
    on one kind, and differs between two kinds in the second digit (`make slow` measures both).
    """
    import torch

    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    if device != "cpu":
        return device
    able = torch.cpu.get_capabilities()
    widest = next((name for name in _EXTENSIONS if able.get(name)), "")
    return f"{able.get('architecture', '')} {widest}".strip()
